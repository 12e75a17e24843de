// The values that the timeout and bandwidth properties take.
import assert from 'node:assert/strict';
import { TWSocket } from '../../lib';
import { track } from '../support';

describe('Timeout and bandwidth properties', () => {
  it('[WS-81] raise a sampling time that is too short to its minimum', () => {
    const socket = track(new TWSocket());

    for (const [given, read] of [
      [10, 1000],
      [999, 1000],
      [1000, 1000],
      [2500, 2500],
      [0, 0],
    ] as const) {
      socket.TimeoutSampling = given;
      assert.equal(socket.TimeoutSampling, read, `TimeoutSampling := ${given}`);
    }
    for (const [given, read] of [
      [100, 500],
      [0, 500],
      [750, 750],
    ] as const) {
      socket.BandwidthSampling = given;
      assert.equal(socket.BandwidthSampling, read, `BandwidthSampling := ${given}`);
    }
  });

  it('have the defaults of ICS', () => {
    const socket = track(new TWSocket());

    assert.equal(socket.TimeoutConnect, 0);
    assert.equal(socket.TimeoutIdle, 0);
    assert.equal(socket.TimeoutSampling, 5000);
    assert.equal(socket.TimeoutKeepThreadAlive, true);
    assert.equal(socket.OnTimeout, null);
    assert.equal(socket.BandwidthLimit, 0);
    assert.equal(socket.BandwidthSampling, 1000);
    assert.equal(socket.Counter, null);
  });

  it('are not stored in a socket that does not use them', () => {
    const own = Object.keys(track(new TWSocket()));

    for (const name of ['activity', 'throttle', 'counter', 'OnTimeout'])
      assert.ok(!own.includes(name), `${name} is an own property`);
  });
});
