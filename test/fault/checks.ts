// What must be true of the server's account of a round, compared with the client's.

import { TSocketState } from '../../lib';
import type { FaultReport, FaultSession } from '../fixtures/faultServer';
import type { Conversation } from './conversation';

function hasTrouble({ connectError, disconnects, exceptions }: FaultSession): boolean {
  return connectError !== 0 || disconnects.some((error) => error !== 0) || exceptions.length > 0;
}

/** Event pairs, exceptions, the state of the server: must hold whatever failed. */
export function checkServer(report: FaultReport): string[] {
  const problems = [...report.strays, ...report.troubles];
  for (const session of report.sessions) {
    const pairs = session.connectError === 0 ? 1 : 0;
    if (session.disconnects.length !== pairs)
      problems.push(`not one OnClientDisconnect: ${JSON.stringify(session)}`);
  }
  if (report.clientCount !== 0)
    problems.push(`${report.clientCount} clients are left in the lists`);
  if (report.states.some((state) => state !== TSocketState.wsListening))
    problems.push(`the servers' states are ${report.states.join(', ')}`);
  return problems;
}

/** Every connection that ended early has a reason the server knows; without hard faults none did. */
export function checkConversations(
  conversations: Conversation[],
  report: FaultReport,
  hard: boolean,
): string[] {
  const problems: string[] = [];
  const known = new Map(report.sessions.map((session) => [session.id, session]));
  const nameless: string[] = [];
  for (const conversation of conversations) {
    const session = known.get(conversation.id);
    const failed = /^(?:failed|error)/.test(conversation.detail);
    const story = `${conversation.toString()}; the server: ${JSON.stringify(session)}`;
    if (conversation.outcome === 'wrong') problems.push(story);
    if (conversation.outcome === 'running') problems.push(`stalled: ${story}`);
    if (!hard && (conversation.outcome === 'ended' || failed)) problems.push(story);
    if (!hard && conversation.outcome === 'complete' && session && hasTrouble(session))
      problems.push(`complete, but ${story}`);
    // What befalls a connection behind its last byte and its orderly end needs no reason. A reset
    // that is played then, at the close_notify of TLS, also takes what the kernel still holds.
    if (!hard || conversation.outcome !== 'ended' || conversation.isWhole) continue;
    if (session?.saidAll) continue;
    if (!session) nameless.push(conversation.toString());
    else if (!hasTrouble(session)) problems.push(`without a reason: ${story}`);
  }
  const reasons = report.sessions.filter((session) => session.id === 0 && hasTrouble(session));
  if (nameless.length > reasons.length) {
    const others = report.sessions.filter((session) => session.id === 0 && !hasTrouble(session));
    problems.push(
      `${nameless.length} connections ended before their first line, ${reasons.length} reasons: ` +
        `${nameless.join('; ')}; without a reason: ${JSON.stringify(others)}`,
    );
  }
  return problems;
}
