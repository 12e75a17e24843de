// The server component applications create (ICS: TWSocketServer).
import { TCustomMultiListenWSocketServer } from './TCustomMultiListenWSocketServer';

export class TWSocketServer extends TCustomMultiListenWSocketServer {}
