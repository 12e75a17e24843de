// Key-log files for debugging (addition): with one of these, Wireshark decrypts recorded traffic.
import { appendFileSync } from 'node:fs';

let warned = false;

/**
 * Appends a line of Node's 'keylog' event. The file holds the keys to the traffic: only its owner
 * may read it. A file that cannot be written is told once, as a process warning.
 */
export function writeKeyLog(file: string, line: Uint8Array): void {
  try {
    appendFileSync(file, line, { mode: 0o600 });
  } catch (error) {
    if (warned) return;
    warned = true;
    process.emitWarning(`SslKeyLogFile: ${(error as Error).message}`, { type: 'IcsSslKeyLog' });
  }
}
