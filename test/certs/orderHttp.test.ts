// Orders by http-01 against a real authority.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import tls from 'node:tls';
import { IssStateCollected } from '../../lib/certs/x509CertsTypes';
import { ChallFileApp, ChallFileSrv, ChallFileUNC } from '../../lib/ssl/orderTypes';
import { onCleanup } from '../support';
import { tempDir } from '../support/certificates';
import { skipWithoutPebble, startPebble, type Pebble } from '../support/pebble';
import { newCerts, order, save } from './newCerts';

describe('Orders by http-01', () => {
  let pebble: Pebble;
  before(skipWithoutPebble);
  before(async () => {
    pebble = await startPebble();
  });
  after(() => pebble?.stop());

  it('[X509-14] the internal server answers, is stopped before the download, OnNewCert fires once', async () => {
    const { certs, dir, log } = newCerts(pebble);
    let newCount = 0;
    certs.OnNewCert = () => void newCount++;
    assert.ok(await certs.OpenAccount(dir, true), certs.LastError);
    await save(certs, 'srv.example.test', ChallFileSrv, ['b.example.test']);
    assert.ok(await order(certs, 'srv.example.test'), certs.LastError);
    assert.equal(newCount, 1);
    assert.equal(certs.IssueState, IssStateCollected);
    const stopped = log.indexOf('Challenge Web Server stopped');
    const finalized = log.findIndex((line) => line.includes('finalize'));
    assert.ok(stopped > 0 && stopped < finalized, log.join('\n'));
    assert.ok(!certs.DomSrvIsRunning);
    assert.equal(certs.ChallengesTot, 0);
  });
});
