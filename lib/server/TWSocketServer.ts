// The server component applications create (ICS: TWSocketServer).
import { TCustomWSocketServer } from './TCustomWSocketServer';

export class TWSocketServer extends TCustomWSocketServer {}
