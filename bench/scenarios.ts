// What is measured, against what, and which result is expected of us.
//
// A floor is a promise of the package: the run marks it met or not met.

export type NetMode =
  'udp' | 'tls' | 'echo' | 'lines-write' | 'lines-write-nodelay' | 'lines-corked' | 'lines-joined';
export type IcsMode = 'echo' | 'lines' | 'udp' | 'tls' | 'burn';
/** Workers, and what they do. */
export type ThrdMode = '1-echo' | '2-echo' | '1-burn' | '2-burn';
/** What is measured, and the number of hosts. */
export type HostsMode = 'choice-1' | 'choice-500' | 'validate-500' | 'contexts-500';

/**
 * - cpu: server CPU microseconds per message
 * - burst: milliseconds until every connection of a burst is served
 * - memory: resident bytes per idle connection
 * - wall: microseconds per message on the clock, processes not pinned
 * - choice: microseconds in which a handshake finds its host, told by the server itself
 * - start: CPU milliseconds to make a server ready, told by itself
 */
export type Measure = 'cpu' | 'burst' | 'memory' | 'wall' | 'choice' | 'start';

/** The programs of bench/servers. */
export type ServerScript = 'icsServer' | 'netServer' | 'thrdServer' | 'hostsServer';

/**
 * "node:net needs at least `ratio` times as much", "ours is at most `most`", or "ours needs at most
 * `more` than the opponent".
 */
export type Floor = { ratio: number } | { most: number } | { more: number } | null;

export interface Opponent {
  /** Default: netServer. */
  script?: ServerScript;
  mode: NetMode | IcsMode | ThrdMode | HostsMode;
  label: string;
  floor: Floor;
}

export interface Scenario {
  name: string;
  title: string;
  measure: Measure;
  /** Default: icsServer. */
  script?: ServerScript;
  mode: IcsMode | ThrdMode | HostsMode;
  connections: number;
  /**
   * Mode and options of the load generator (tls-…: of tlsLoad), without the connections; null: the
   * server measures itself.
   */
  load: string | null;
  /** All measured in the same rounds as ours. */
  opponents: readonly [Opponent, ...Opponent[]];
  /**
   * Rounds of each start before the first that counts, default 5. More where a round has so few
   * messages that V8 would still be compiling the servers' code.
   */
  warmUp?: number;
  /** Upper bound of rounds, for what hardly varies. */
  maxRounds?: number;
}

function net(floor: Floor): Opponent {
  return { mode: 'echo', label: 'node:net', floor };
}

function tlsScenario(name: string, title: string, load: string, floor: number): Scenario {
  const opponents = [{ mode: 'tls', label: 'node:tls', floor: { ratio: floor } }] as const;
  const isEcho = load.startsWith('tls-echo');
  const connections = isEcho ? 64 : 16;
  const warmUp = isEcho ? 4 : 15;
  return { name, title, measure: 'cpu', mode: 'tls', connections, load, warmUp, opponents };
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'echo-1',
    title: 'echo 64 B, 1 connection',
    measure: 'cpu',
    mode: 'echo',
    connections: 1,
    load: 'echo --size 64 --seconds 0.2',
    opponents: [net(null)],
  },
  {
    name: 'echo-64',
    title: 'echo 64 B, 64 connections',
    measure: 'cpu',
    mode: 'echo',
    connections: 64,
    load: 'echo --size 64 --seconds 0.2',
    opponents: [net({ ratio: 1.4 })],
  },
  {
    name: 'echo-512',
    title: 'echo 64 B, 512 connections',
    measure: 'cpu',
    mode: 'echo',
    connections: 512,
    load: 'echo --size 64 --seconds 0.2',
    opponents: [net({ ratio: 1.5 })],
  },
  {
    name: 'pipelined',
    title: 'echo 16 × 64 B pipelined, 64 conn.',
    measure: 'cpu',
    mode: 'echo',
    connections: 64,
    load: 'echo --size 64 --depth 16 --seconds 0.2',
    opponents: [net(null)],
  },
  {
    name: 'echo-16k',
    title: 'echo 16 KiB, 64 connections',
    measure: 'cpu',
    mode: 'echo',
    connections: 64,
    load: 'echo --size 16384 --seconds 0.2',
    opponents: [net({ ratio: 1.5 })],
  },
  {
    name: 'lines',
    title: 'LineMode, 16 lines per write, 64 conn.',
    measure: 'cpu',
    mode: 'lines',
    connections: 64,
    load: 'lines --size 64 --depth 16 --seconds 0.2',
    opponents: [
      { mode: 'lines-write-nodelay', label: 'node:net, write per line', floor: { ratio: 6 } },
      // No floor: most of the time this server waits for the delayed ACKs of its clients.
      { mode: 'lines-write', label: 'the same with Nagle', floor: null },
      { mode: 'lines-corked', label: 'node:net, corked writes', floor: { ratio: 1.2 } },
      { mode: 'lines-joined', label: 'node:net, joined writes', floor: { ratio: 1.2 } },
    ],
  },
  {
    name: 'udp-echo',
    title: 'UDP echo 64 B, 64 sockets',
    measure: 'cpu',
    mode: 'udp',
    connections: 64,
    load: 'datagrams --size 64 --depth 2 --seconds 0.2',
    opponents: [{ mode: 'udp', label: 'node:dgram', floor: { ratio: 1.3 } }],
  },
  {
    name: 'churn',
    title: 'connect + echo + FIN, 64 parallel',
    measure: 'cpu',
    mode: 'echo',
    connections: 64,
    load: 'churn --size 64 --seconds 0.2',
    opponents: [net({ ratio: 2 })],
  },
  {
    name: 'burst',
    title: 'burst of 512 connects',
    measure: 'burst',
    mode: 'echo',
    connections: 512,
    load: 'burst --size 1 --count 5',
    opponents: [net({ most: 100 })],
  },
  {
    name: 'idle',
    title: '10,000 idle connections',
    measure: 'memory',
    mode: 'echo',
    connections: 10_000,
    load: 'idle --size 1',
    opponents: [net({ most: 2000 })],
    maxRounds: 3,
  },
  {
    name: 'thrd-echo',
    title: 'TWSocketThrdServer, 1 worker, echo 64 B',
    measure: 'cpu',
    script: 'thrdServer',
    mode: '1-echo',
    connections: 64,
    load: 'echo --size 64 --seconds 0.2',
    // At most 10 % more than the server without workers.
    opponents: [
      { script: 'icsServer', mode: 'echo', label: 'TWSocketServer', floor: { ratio: 0.9 } },
    ],
  },
  {
    name: 'thrd-echo-2',
    title: 'TWSocketThrdServer, 2 workers, echo 64 B',
    measure: 'cpu',
    script: 'thrdServer',
    mode: '2-echo',
    connections: 64,
    load: 'echo --size 64 --seconds 0.2',
    opponents: [{ script: 'icsServer', mode: 'echo', label: 'TWSocketServer', floor: null }],
  },
  {
    name: 'thrd-burn',
    title: 'the same, 2 workers, handler burns CPU',
    measure: 'wall',
    script: 'thrdServer',
    mode: '2-burn',
    connections: 64,
    load: 'echo --size 64 --seconds 1', // messages are few
    warmUp: 1,
    maxRounds: 7,
    opponents: [
      { script: 'thrdServer', mode: '1-burn', label: '1 worker', floor: { ratio: 1.5 } },
      { script: 'icsServer', mode: 'burn', label: 'TWSocketServer', floor: { ratio: 1.5 } },
    ],
  },
  tlsScenario('tls-full', 'TLS handshake, full', 'tls-full --seconds 0.5', 0.9),
  tlsScenario('tls-resumed', 'TLS handshake, resumed', 'tls-resumed --seconds 0.5', 0.9),
  tlsScenario('tls-64', 'TLS echo 64 B, 64 conn.', 'tls-echo --size 64 --seconds 0.5', 0.75),
  tlsScenario('tls-16k', 'TLS echo 16 KiB, 64 conn.', 'tls-echo --size 16384 --seconds 0.5', 0.65),
  {
    name: 'sni-choice',
    title: 'SNI: choice among 500 hosts',
    measure: 'choice',
    script: 'hostsServer',
    mode: 'choice-500',
    connections: 1,
    load: null,
    warmUp: 1,
    maxRounds: 7,
    opponents: [{ script: 'hostsServer', mode: 'choice-1', label: 'one host', floor: { more: 5 } }],
  },
  {
    name: 'validate-500',
    title: 'ValidateHosts, 500 hosts',
    measure: 'start',
    script: 'hostsServer',
    mode: 'validate-500',
    connections: 1,
    load: null,
    warmUp: 1,
    maxRounds: 7,
    // The opponent reads the same files and checks nothing.
    opponents: [
      {
        script: 'hostsServer',
        mode: 'contexts-500',
        label: '500 contexts of node:tls',
        floor: { most: 3000 },
      },
    ],
  },
];
