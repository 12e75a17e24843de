// Waiting for a while, and the Retry-After header.
import type { IncomingHttpHeaders } from 'node:http';
import { EX509Exception } from '../../ssl/sslErrors';

/** Raises when the signal comes first. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(new EX509Exception('Aborted', 'EABORT'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Seconds or a date, in milliseconds from now; 0 for a missing or senseless one. */
export function retryAfterMs(headers: IncomingHttpHeaders): number {
  const text = headers['retry-after'];
  if (!text) return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? 0 : Math.max(0, moment - Date.now());
}
