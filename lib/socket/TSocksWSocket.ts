// Another name of TWSocket, as in ICS.
import { TWSocket } from './TWSocket';

export class TSocksWSocket extends TWSocket {}
