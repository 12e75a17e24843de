// The socket component applications create (ICS: TWSocket): everything is in its ancestors.
import { TCustomThrottledWSocket } from './TCustomThrottledWSocket';

export class TWSocket extends TCustomThrottledWSocket {}
