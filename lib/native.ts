// The only importer of the addon. Finds it (own build first, then a prebuilt one), checks that it
// fits this JavaScript, and gives it a type. Nothing here knows ICS.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import bindings from 'bindings';

/** Must equal kAbi in native/addon/addon.cc. */
const ABI = 6;
const ADDON = 'ics_wsocket';

/** Bits of a socket event; Winsock's names and values (native/core/eventQueue.h). */
export const FD_READ = 1;
export const FD_WRITE = 2;
export const FD_ACCEPT = 8;
export const FD_CONNECT = 16;
export const FD_CLOSE = 32;
/** Not Winsock's: a lookup has its answer. Handle 0; the error word is the lookup's id. */
export const FD_LOOKUP = 1024;

/** Layout of the shared event words (native/core/eventQueue.h). */
export const EVENT_FIELDS = 3;
/** The slot part of a handle (native/core/connectionTable.h). */
export const SLOT_MASK = (1 << 20) - 1;

/** Flags of receive, receiveText and available. */
export const RECV_PEEK = 1;
export const RECV_LINE = 2;
export const RECV_BYTES = 4;
/** Flags of nextLine. */
export const LINE_EDIT = 1;
export const LINE_ECHO = 2;
/** Flags of sendText. */
export const TEXT_LATIN1 = 1;
export const TEXT_APPEND = 2;
export const TEXT_QUEUE = 4;
/** For `collect` of send: the kernel is not tried (0: at once, 1: when there is enough). */
export const SEND_QUEUE = 2;
/** How to close. */
export const CLOSE_GRACEFUL = 0;
export const CLOSE_RESET = 1;

/** Facts beside a result: places in the event words, valid until the next native call. */
export const INFO_QUEUED = 2;
export const INFO_WRITTEN = 3;
/** Bit 0: more input may be waiting; bit 1: the current line is not read to its end. */
export const INFO_MORE = 4;
/** 1: the system is short of memory; flush again after a while. */
export const INFO_RETRY = 5;
/** takeLines: lines; adopt: 1 for a UDP socket; sendText: its result. */
export const INFO_COUNT = 6;
/** Valid at all times: connections with input that only the next poll reports. */
export const INFO_PENDING = 7;
/** Arguments of sendText that are written to the event words: they cost less than passed ones. */
export const ARG_HANDLE = 8;
export const ARG_FLAGS = 9;
/** Places in the shared totals, after totals() and close(). */
export const TOTAL_READ = 0;
export const TOTAL_WRITTEN = 1;

/** Options by number (native/core/sockopt.h). */
export const OPT_RCVBUF = 0;
export const OPT_SNDBUF = 1;
export const OPT_NODELAY = 2;
export const OPT_KEEPALIVE = 3;
export const OPT_KEEPIDLE = 4;
export const OPT_KEEPINTERVAL = 5;
export const OPT_REUSEADDR = 6;
export const OPT_BROADCAST = 8;
export const OPT_MULTICAST_TTL = 9;
export const OPT_MULTICAST_HOPS = 10;
export const OPT_MULTICAST_LOOP = 11;
export const OPT_MULTICAST_LOOP6 = 12;

export const OPT_REUSEPORT = 13;
/** What unpark has brought (native/core/connection.h). */
export const KIND_LISTENING = 2;
export const KIND_CONNECTED = 5;

/** Bytes of an address as the addon packs it (struct sockaddr_in6). */
export const PACKED_ADDRESS_SIZE = 28;
/** setAllowance: no limit. */
export const UNLIMITED = -1;

/** Totals of this thread's socket loop. */
export interface NativeCounters {
  polls: number;
  events: number;
  accepted: number;
  acceptFailures: number;
  bytesIn: number;
  bytesOut: number;
  closed: number;
}

/**
 * What the addon exports. Sockets are handles (positive integers with a generation); every number
 * returned is >= 0 or a negative errno. No function throws for anything a socket can do.
 */
export interface NativeBinding {
  readonly abi: number;
  /** Once per thread: `dispatch` is called when events wait or the timer is due. */
  start(dispatch: () => void): { events: Int32Array; stops: Int32Array; totals: Float64Array };
  setReferenced(on: boolean): void;
  setTimer(milliseconds: number): void;
  setSpin(microseconds: number): void;
  driveNodeLoop(timeoutMs: number): number;
  reportUncaught(error: unknown): void;

  poll(timeoutMs: number): number;
  accept(listener: number): number;
  adopt(descriptor: number): number;
  close(handle: number, how: number): number;
  descriptorOf(handle: number): number;
  /** "<address> <port>" of the peer (1) or of this side (0). */
  addressOf(handle: number, peer: number): string | number;
  receive(handle: number, to: Uint8Array, offset: number, size: number, flags: number): number;
  receiveText(handle: number, flags: number): string | number;
  /** For the TLS filter: bytes as the kernel has them. */
  receiveRaw(handle: number, to: Uint8Array, offset: number, size: number): number;
  /** The filter's result: bytes the application may read. What is buffered now, or -errno. */
  /** flags: LINE_EDIT and LINE_ECHO, as by nextLine. */
  pushInput(handle: number, from: Uint8Array, offset: number, size: number, flags: number): number;
  /** One datagram; `sender` gets the packed address. */
  receiveFrom(
    handle: number,
    to: Uint8Array,
    offset: number,
    size: number,
    flags: number,
    sender: Uint8Array,
  ): number;
  /** 0 or -errno; `target` is a packed address. */
  sendTo(
    handle: number,
    from: Uint8Array,
    offset: number,
    size: number,
    target: Uint8Array,
  ): number;
  nextLine(handle: number, limit: number, flags: number): number;
  /**
   * A string of complete ASCII lines (INFO_COUNT of them, `stops` says where each ends) that
   * takenLines must acknowledge, or as nextLine without flags.
   */
  takeLines(handle: number, limit: number): string | number;
  takenLines(handle: number, count: number, current: number): void;
  more(handle: number): number;
  buffered(handle: number): number;
  ignored(handle: number): number;
  send(handle: number, from: Uint8Array, offset: number, size: number, collect: number): number;
  /** For ARG_HANDLE, with ARG_FLAGS. INFO_COUNT: bytes the text has, or -errno. */
  sendText(text: string): void;
  flush(handle: number): number;
  available(handle: number, flags: number): number;

  /** sharePort: other listeners that say the same may have this address and port, too. */
  bind(address: string, port: number, sharePort: boolean): number;
  listen(handle: number, backlog: number): number;
  openSocket(version: number, datagram: boolean): number;
  bindLocal(handle: number, address: string, port: number): number;
  /** FD_CONNECT tells how it ends. */
  connect(handle: number, address: string, port: number): number;
  startDatagrams(handle: number, target: string, port: number): number;
  /** Bytes the connection may move until the next call; UNLIMITED: any number. */
  setAllowance(handle: number, bytes: number): void;
  /** Bytes that waited in the buffer and were thrown away. */
  setFilter(handle: number, on: boolean): number;
  packAddress(address: string, port: number, to: Uint8Array): number;
  unpackAddress(from: Uint8Array): string;
  multicastGroup(handle: number, join: boolean, group: string, localAddress: string): number;
  multicastInterface(handle: number, localAddress: string): number;
  shutdown(handle: number, how: number): number;
  pause(handle: number, on: boolean): number;
  suspend(handle: number, on: boolean): number;
  /** Takes a socket out of this thread: a token for unpark. The handle is over then. */
  park(handle: number, lifeMs: number): number;
  /** Its handle in this thread; INFO_QUEUED and INFO_COUNT (KIND_ constants) tell of it. */
  unpark(token: number): number;
  /** Closes what was parked; an error when somebody has taken it. */
  dropParked(token: number): number;
  /** Closes what nobody has fetched in time; milliseconds until the next one is due, -1: none. */
  expireParked(): number;
  finishInput(handle: number, flags: number): number;
  /** The errno the connection broke with as far as is known, 0: none. */
  failure(handle: number): number;
  leaveLine(handle: number): number;
  clearInput(handle: number): number;
  setLineEnd(handle: number, lineEnd: Uint8Array): number;
  takeEcho(): string;
  dropOutput(handle: number): number;
  totals(handle: number): number;
  familyOf(handle: number): number;
  setOption(handle: number, option: number, value: number): number;
  getOption(handle: number, option: number): number;
  setLinger(handle: number, on: boolean, seconds: number): number;
  ipVersion(text: string): number;
  resolveHost(name: string, version: number): string | number;
  /** An id (> 0); its answer comes as an event with FD_LOOKUP. version: 4, 6 or 0 for both. */
  lookup(name: string, version: number): number;
  /** The same for the name of a literal address. */
  reverseLookup(address: string): number;
  cancelLookup(id: number): number;
  /** Addresses or names, one per line; a Windows resolver number; or a negative errno. */
  takeLookup(id: number): string | number;
  /** For the whole process. */
  setLookupThreads(min: number, max: number): void;
  servicePort(name: string, protocol: string): number;
  counters(): NativeCounters;
}

/** The package's own folder, from lib/ as well as from dist/. */
function packageRoot(): string {
  return join(__dirname, '..');
}

/** The folder name of a prebuilt binary for this machine, e.g. linux-x64 or linux-x64-musl. */
function platformTag(): string {
  const musl = process.platform === 'linux' && existsSync('/etc/alpine-release') ? '-musl' : '';
  return `${process.platform}-${process.arch}${musl}`;
}

function packageName(root: string): string {
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  return (JSON.parse(text) as { name: string }).name;
}

function load(): NativeBinding {
  const root = packageRoot();
  let binding: NativeBinding;
  try {
    binding = bindings({
      bindings: ADDON,
      module_root: root,
      try: [
        ['module_root', 'build', 'Debug', 'bindings'],
        ['module_root', 'build', 'Release', 'bindings'],
        ['module_root', 'prebuilds', platformTag(), 'bindings'],
      ],
    }) as NativeBinding;
  } catch (cause) {
    const name = packageName(root);
    throw new Error(
      `${name}: no native addon for ${platformTag()} and Node ${process.version}. ` +
        `It was not built at installation (npm may have blocked the install script). ` +
        `Build it now with: npx ${name}-build`,
      { cause },
    );
  }
  if (binding.abi !== ABI)
    throw new Error(
      `${packageName(root)}: the native addon has interface ${binding.abi}, this JavaScript ` +
        `needs ${ABI}: they come from different versions. Rebuild it with: npm run build:native`,
    );
  return binding;
}

export const native: NativeBinding = load();
