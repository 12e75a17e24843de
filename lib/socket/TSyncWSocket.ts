// The class with the blocking helpers under the name ICS gives it; a TWSocket has them as well.
import { TCustomSyncWSocket } from './TCustomSyncWSocket';

export class TSyncWSocket extends TCustomSyncWSocket {}
