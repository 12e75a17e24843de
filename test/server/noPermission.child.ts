// The child of noPermission.test.ts: without root's rights it tries port 1, then port 0.

import { ESocketException, TWSocketServer, wsClosed, wsErrFriendly, wsErrTech } from '../../lib';
import { wsListening } from '../../lib';
import { answerParent } from '../support/answerParent';

const NOBODY = 65534;

/** The addon must be loaded while its files can still be read. */
function becomeNobody(): void {
  if (process.getuid?.() !== 0) return;
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}

function attempt(style: string): object {
  const server = new TWSocketServer();
  server.SocketErrs = style === 'friendly' ? wsErrFriendly : wsErrTech;
  Object.assign(server, { Addr: '127.0.0.1', Port: '1' });
  try {
    server.Listen();
  } catch (error) {
    if (error instanceof ESocketException) return report(server, error);
    return { message: String(error) };
  } finally {
    server.Free();
  }
  return { message: 'nothing was raised' };
}

function report(server: TWSocketServer, error: ESocketException): object {
  const facts = {
    message: error.message,
    errorCode: error.ErrorCode,
    code: (error as { code?: string }).code,
    lastError: server.LastError,
    closed: server.State === wsClosed,
    descriptor: server.HSocket,
  };
  server.Port = '0';
  server.Listen();
  return { ...facts, secondAttemptListens: server.State === wsListening };
}

new TWSocketServer().Free();
becomeNobody();
answerParent(attempt);
