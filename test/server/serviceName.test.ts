// Port as a service name out of the system's services database.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { wsListening } from '../../lib';
import { connect, startServer, waitFor } from '../support';
import { skipTest } from '../support/skipTest';

const DATABASE = '/etc/services';

interface Service {
  name: string;
  port: number;
}

/** The tcp services whose port any user may open. */
function knownServices(): Service[] {
  if (!existsSync(DATABASE)) return [];
  const entries = readFileSync(DATABASE, 'latin1').matchAll(/^([a-z][\w-]*)\s+(\d+)\/tcp/gm);
  return [...entries]
    .map(([, name = '', port]) => ({ name, port: Number(port) }))
    .filter(({ port }) => port > 1024);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

describe('Port as a service name', () => {
  it('[WSS-12] listens on the number the system knows for it', async function () {
    let service: Service | undefined;
    for (const candidate of knownServices().slice(0, 20)) {
      if (!service && (await isFree(candidate.port))) service = candidate;
    }
    if (!service) {
      skipTest(this, 'this system knows no service with a free port');
    }

    const server = startServer({ Port: service.name });

    assert.equal(server.State, wsListening);
    assert.equal(server.PortNum, service.port);
    assert.equal(server.BindPort, String(service.port));
    assert.equal(server.Port, service.name);
    await connect(service.port);
    await waitFor(() => server.ClientCount === 1, 'the client');
  });
});
