// A client of a TLS server (ICS: TSslWSocketClient in OverbyteIcsWSocketS.pas): derive from it and
// name the class in the server's ClientClass. TLS itself is in every TWSocket.
import { TWSocketClient } from './TWSocketClient';

export class TSslWSocketClient extends TWSocketClient {}
