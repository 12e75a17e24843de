// The socket component applications create (ICS: TWSocket): everything is in its ancestors.
import { TCustomLineWSocket } from './TCustomLineWSocket';

export class TWSocket extends TCustomLineWSocket {}
