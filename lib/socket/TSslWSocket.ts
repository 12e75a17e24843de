// A socket with TLS (ICS: TSslWSocket): TLS is in every TWSocket, so this is one under another name.
import { TWSocket } from './TWSocket';

export class TSslWSocket extends TWSocket {}
