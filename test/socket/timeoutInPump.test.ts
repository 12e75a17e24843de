// The timers of timeouts and limits belong to the pump: they run while a handler or a console
// program pumps, where Node's timers cannot.
import assert from 'node:assert/strict';
import { torIdle } from '../../lib';
import { runScript } from '../support/runScript';
import { waitFor } from '../support';
import { accepted } from './accepted';
import { limited } from './timed';

describe('Timeouts inside a pump', () => {
  it('come in MessageLoop, where OnTimeout may end it', async () => {
    const reasons: number[] = [];
    const { client, server } = await accepted((newClient) => {
      newClient.TimeoutSampling = 1000;
      newClient.TimeoutIdle = 300;
      newClient.OnTimeout = (_sender, reason) => {
        reasons.push(reason);
        server.PostQuitMessage();
      };
    });
    server.MessageLoop();
    assert.deepEqual(reasons, [torIdle]);
    client.Close();
  });

  it('come in ProcessMessages inside a handler', async () => {
    let fired = false;
    let inside = false;
    const { client, peer } = await accepted((newClient) => {
      newClient.TimeoutSampling = 1000;
      newClient.TimeoutIdle = 300;
      newClient.OnTimeout = () => void (fired = true);
      newClient.OnDataAvailable = () => {
        newClient.ReceiveStr();
        newClient.TimeoutStartSampling();
        const deadline = performance.now() + 10_000;
        while (!fired && performance.now() < deadline) newClient.ProcessMessages();
        inside = fired;
      };
    });
    peer.write('x');
    await waitFor(() => fired, 'OnTimeout', 12_000);
    assert.equal(inside, true);
    assert.notEqual(client.HSocket, -1);
  });

  it('a limited queue goes out in MessageLoop', async () => {
    const limit = limited(20_000, 500);
    const { client, server } = await accepted(undefined, { OnClientCreate: limit.create });
    client.OnDataSent = () => void (client.AllSent && server.PostQuitMessage());
    client.Send(Buffer.alloc(25_000));
    server.MessageLoop();
    assert.equal(client.WriteCount, 25_000);
    assert.ok(limit.meter().elapsed >= limit.meter().shortest(25_000));
  });

  it('keep no process alive', async () => {
    const script = runScript('idleExit', { args: ['unreferenced client with timers'] });
    assert.equal(await script.ended(), 0, script.stderr);
    assert.match(script.stdout, /^exit$/m);
    assert.match(script.stdout, /^refs false false$/m);
  });
});
