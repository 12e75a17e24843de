// TimeoutIdle: OnTimeout(torIdle) after a silence, once; the connection stays open.
import assert from 'node:assert/strict';
import { torIdle, wsClosed, wsConnected, type TWSocketClient } from '../../lib';
import { startServer, waitFor } from '../support';
import { pair } from '../support/pair';
import { accepted } from './accepted';
import { samplingPeriod } from './timed';

const DEADLINE = 10_000;

function watchIdle(client: TWSocketClient, idle: number): number[] {
  const reasons: number[] = [];
  client.TimeoutSampling = 1000;
  client.TimeoutIdle = idle;
  client.OnTimeout = (_sender, reason) => void reasons.push(reason);
  return reasons;
}

describe('TimeoutIdle', () => {
  it('[WS-82] fires once after the silence and leaves the connection open', async () => {
    let reasons: number[] = [];
    const start = performance.now();
    const { client, peer } = await accepted((newClient) => {
      reasons = watchIdle(newClient, 1500);
    });
    await waitFor(() => reasons.length > 0, 'OnTimeout', DEADLINE);
    const silence = performance.now() - start;

    assert.ok(silence > 1500, `${silence} ms`);
    assert.deepEqual(reasons, [torIdle]);
    assert.equal(client.State, wsConnected);
    await samplingPeriod();
    assert.deepEqual(reasons, [torIdle]);
    client.SendStr('still here');
    await peer.waitText('still here');
  });

  it('[WS-83] does not fire before its time on an accepted socket (D11)', async () => {
    let reasons: number[] = [];
    await accepted((client) => {
      reasons = watchIdle(client, 10_000);
    });
    await samplingPeriod();
    await samplingPeriod();
    assert.deepEqual(reasons, []);
  });

  for (const direction of ['received', 'sent'] as const) {
    it(`does not fire while bytes are ${direction}`, async () => {
      let reasons: number[] = [];
      const { client, peer } = await accepted((newClient) => {
        reasons = watchIdle(newClient, 1000);
        newClient.OnDataAvailable = () => void newClient.ReceiveStr();
      });
      const traffic = setInterval(() => {
        if (direction === 'sent') client.SendStr('x');
        else peer.write('x');
      }, 100);
      try {
        await samplingPeriod();
        await samplingPeriod();
        assert.deepEqual(reasons, []);
      } finally {
        clearInterval(traffic);
      }
      await waitFor(() => reasons.length > 0, 'OnTimeout in the silence', DEADLINE);
    });
  }

  it('[WSS-110] set in OnClientCreate fires once for an idle client, which stays connected', async () => {
    let reasons: number[] = [];
    const server = startServer({
      OnClientCreate: (_server, client: TWSocketClient) => {
        reasons = watchIdle(client, 1500);
      },
    });
    const { client } = await pair(server);
    await waitFor(() => reasons.length > 0, 'OnTimeout', DEADLINE);
    await samplingPeriod();
    assert.deepEqual(reasons, [torIdle]);
    assert.equal(client.State, wsConnected);
  });

  it('lets the handler close the connection', async () => {
    const events: string[] = [];
    const { client, server } = await accepted((newClient) => {
      watchIdle(newClient, 500);
      newClient.OnTimeout = () => {
        events.push('OnTimeout');
        newClient.Close();
      };
      newClient.OnSessionClosed = (_sender, error) => void events.push(`OnSessionClosed ${error}`);
    });
    await waitFor(() => server.ClientCount === 0, 'the client gone', DEADLINE);
    assert.deepEqual(events, ['OnTimeout', 'OnSessionClosed 0']);
    assert.equal(client.State, wsClosed);
  });

  it('lets the handler free the client and throw', async () => {
    const errors: string[] = [];
    const { server } = await accepted((client) => {
      watchIdle(client, 500);
      client.OnBgException = (_sender, E) => void errors.push(E.message);
      client.OnTimeout = () => {
        client.Free();
        throw new Error('from OnTimeout');
      };
    });
    await waitFor(() => errors.length > 0, 'OnBgException', DEADLINE);
    assert.deepEqual(errors, ['from OnTimeout']);
    assert.equal(server.ClientCount, 0);
  });

  it('begins anew with TimeoutStartSampling and ends with TimeoutStopSampling', async () => {
    const { client } = await accepted();
    const reasons = watchIdle(client, 500);
    client.TimeoutStopSampling();
    await samplingPeriod();
    assert.deepEqual(reasons, []);

    client.TimeoutStartSampling();
    await waitFor(() => reasons.length === 1, 'OnTimeout', DEADLINE);
    client.TimeoutStartSampling();
    await waitFor(() => reasons.length === 2, 'the second OnTimeout', DEADLINE);
  });

  it('never fires with TimeoutSampling 0', async () => {
    const reasons: number[] = [];
    await accepted((client) => {
      client.TimeoutSampling = 0;
      client.TimeoutIdle = 1;
      client.OnTimeout = (_sender, reason) => void reasons.push(reason);
    });
    await samplingPeriod();
    assert.deepEqual(reasons, []);
  });

  it('rests while the component is detached', async () => {
    let reasons: number[] = [];
    const { client } = await accepted((newClient) => {
      reasons = watchIdle(newClient, 500);
    });
    client.ThreadDetach();
    await samplingPeriod();
    assert.deepEqual(reasons, []);
    client.ThreadAttach();
    await waitFor(() => reasons.length === 1, 'OnTimeout', DEADLINE);
  });
});
