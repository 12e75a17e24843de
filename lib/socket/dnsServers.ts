// Lookups at servers the application names (addition: DnsServers), through Node's own DNS client.
// Its sockets belong to Node's loop, so the answer does not arrive inside a synchronous pump.
import { Resolver } from 'node:dns/promises';
import * as E from '../errors';
import { startTimer } from '../pump/reactor';
import { TSocketFamily } from '../types';

export type LookupAnswer = (error: number, results: readonly string[]) => void;

const TIMEOUT_MS = 2000;
const TRIES = 2;
/** Below every errno and never a number of the system's resolver. */
const FIRST_NUMBER = -100_000;

const CODES: Readonly<Record<string, number>> = {
  ENOTFOUND: E.WSAHOST_NOT_FOUND,
  EBADNAME: E.WSAHOST_NOT_FOUND,
  ENODATA: E.WSANO_DATA,
  ESERVFAIL: E.WSANO_RECOVERY,
  EFORMERR: E.WSANO_RECOVERY,
  EBADRESP: E.WSANO_RECOVERY,
  EREFUSED: E.WSANO_RECOVERY,
};

let lastNumber = FIRST_NUMBER;
const running = new Map<number, Resolver>();

/** Asks for A and AAAA records as the family wants them. The number of the lookup. */
export function askServers(
  servers: readonly string[],
  host: string,
  family: TSocketFamily,
  done: LookupAnswer,
): number {
  return ask(servers, done, async (resolver) => {
    const queries: Promise<string[]>[] = [];
    if (family !== TSocketFamily.sfIPv6) queries.push(resolver.resolve4(host));
    if (family !== TSocketFamily.sfIPv4) queries.push(resolver.resolve6(host));
    const answers = await Promise.allSettled(queries);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found;
    throw answers.find((answer) => answer.status === 'rejected')?.reason ?? new Error('no data');
  });
}

/** Asks for the names of an address. */
export function askServersReverse(
  servers: readonly string[],
  address: string,
  done: LookupAnswer,
): number {
  return ask(servers, done, (resolver) => resolver.reverse(address));
}

function ask(
  servers: readonly string[],
  done: LookupAnswer,
  query: (resolver: Resolver) => Promise<string[]>,
): number {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  try {
    resolver.setServers([...servers]);
  } catch (error) {
    throw new E.ESocketException(`DnsServers: ${(error as Error).message}`, E.WSAEINVAL);
  }
  const number = --lastNumber;
  running.set(number, resolver);
  const finish = (code: number, results: string[]): void => {
    // As a dispatch of the pump, like every other event.
    if (running.delete(number)) startTimer(0, () => done(code, results));
  };
  query(resolver).then(
    (results) => finish(0, results),
    (error: NodeJS.ErrnoException) => finish(CODES[error.code ?? ''] ?? E.WSATRY_AGAIN, []),
  );
  return number;
}

/** False when this is no lookup of this file. */
export function cancelServerLookup(number: number): boolean {
  if (number > FIRST_NUMBER) return false;
  const resolver = running.get(number);
  running.delete(number);
  resolver?.cancel();
  return true;
}
