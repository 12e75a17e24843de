// An exception before the connection belongs to a client: in OnClientCreate or in the constructor
// of the ClientClass. The connection is closed, nothing of it remains.

import assert from 'node:assert/strict';
import { TWSocketClient, wsClosed, wsListening } from '../../lib';
import type { TComponent, TWSocketServer } from '../../lib';
import { connect, echo, expectEcho, record, waitFor } from '../support';
import { attackedServer, visitors } from '../support/bystander';

interface Report {
  sender: unknown;
  error: unknown;
  canCloseBefore: boolean;
}

function recordExceptions(server: TWSocketServer, canClose: boolean): Report[] {
  const reports: Report[] = [];
  server.OnBgException = (sender, error, CanClose) => {
    reports.push({ sender, error, canCloseBefore: CanClose.Value });
    CanClose.Value = canClose;
  };
  return reports;
}

describe('OnClientCreate raises', () => {
  it('[WSS-31][H-66] with CanClose False: this connection is closed, the next has the next number', async () => {
    const server = await attackedServer();
    const problem = new Error('no room');
    server.OnClientCreate = (_Sender, Client) => {
      if (Client.CliId === 2) throw problem;
      echo(Client);
    };
    const events = record(server);
    const reports = recordExceptions(server, false);

    const refused = await connect(server);

    await refused.closed();
    await waitFor(() => reports.length === 1, 'OnBgException');
    assert.deepEqual(reports, [{ sender: server, error: problem, canCloseBefore: true }]);
    assert.deepEqual(visitors(server), []);
    assert.equal(server.State, wsListening);
    await expectEcho(await connect(server));
    assert.deepEqual(events, [
      'OnSessionAvailable 0',
      'OnClientCreate 2',
      'OnSessionAvailable 0',
      'OnClientCreate 3',
      'Client 3 OnChangeState Closed Connected',
      'OnClientConnect 3 0',
    ]);
    assert.equal(visitors(server)[0]?.CliId, 3);
  });

  it('[WSS-31][H-66] with CanClose left True: the listener is closed, older clients stay', async () => {
    const server = await attackedServer();
    server.OnClientCreate = (_Sender, Client) => {
      if (Client.CliId === 3) throw new Error('no room');
      echo(Client);
    };
    const reports = recordExceptions(server, true);
    const older = await connect(server);
    await waitFor(() => visitors(server).length === 1, 'the first client');

    const refused = await connect(server);

    await refused.closed();
    await waitFor(() => server.State === wsClosed, 'the listener to close');
    assert.equal(reports.length, 1);
    assert.equal(visitors(server).length, 1);
    await expectEcho(older);
  });
});

describe('The constructor of the ClientClass raises', () => {
  it('[H-66] closes this connection only', async () => {
    let attempts = 0;
    class Moody extends TWSocketClient {
      constructor(Owner: TComponent | null = null) {
        super(Owner);
        if (++attempts === 2) throw new Error('bad mood');
        echo(this);
      }
    }
    const server = await attackedServer({ ClientClass: Moody });
    const reports = recordExceptions(server, false);
    const events = record(server);

    const refused = await connect(server);

    await refused.closed();
    await waitFor(() => reports.length === 1, 'OnBgException');
    assert.equal(reports[0]?.sender, server);
    assert.equal((reports[0]?.error as Error).message, 'bad mood');
    assert.deepEqual(events, ['OnSessionAvailable 0']);
    assert.deepEqual(visitors(server), []);
    await expectEcho(await connect(server));
    assert.equal(visitors(server)[0]?.CliId, 3);
  });
});
