// One question to an OCSP responder over HTTP, with limits on time and size.
import http from 'node:http';

export interface OcspFetch {
  readonly url: string;
  readonly body: Buffer;
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Calls `done` once, with the body or the reason. The result cancels: nothing is called then. */
export function fetchOcsp(
  { url, body, timeoutMs, maxBytes }: OcspFetch,
  done: (reason: string, body: Buffer) => void,
): () => void {
  const none = Buffer.alloc(0);
  let isOver = false;
  const chunks: Buffer[] = [];
  let size = 0;
  const options = {
    method: 'POST',
    agent: false,
    headers: { 'Content-Type': 'application/ocsp-request', 'Content-Length': body.length },
  } as const;
  const end = (reason: string, answer = none): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    request.destroy();
    done(reason, answer);
  };
  const timer = setTimeout(() => end(`no answer within ${timeoutMs} ms`), timeoutMs);
  const request = http.request(url, options, (response) => {
    response.on('error', (error) => end(error.message));
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > maxBytes) end(`answer above ${maxBytes} bytes`);
    });
    response.on('end', () => {
      if (response.statusCode === 200) end('', Buffer.concat(chunks));
      else end(`HTTP status ${response.statusCode ?? 0}`);
    });
    response.on('close', () => end('connection closed'));
  });
  request.on('error', (error) => end(error.message));
  request.end(body);
  return () => {
    isOver = true;
    clearTimeout(timer);
    request.destroy();
  };
}
