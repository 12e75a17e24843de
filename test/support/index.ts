// Everything a test needs besides the library itself.

export { childServer, ChildServer } from './childServer';
export { onCleanup, track } from './cleanup';
export { cpuShare } from './cpuShare';
export { pollsDuring } from './pollsDuring';
export { echo, expectEcho } from './echo';
export { freePort } from './freePort';
export { connect, Peer } from './peer';
export type { ConnectTarget } from './peer';
export { raised } from './raised';
export { record } from './record';
export { newServer, portOf, startServer } from './startServer';
export { timeWaitCount } from './timeWait';
export { drained, waitFor } from './waitFor';
