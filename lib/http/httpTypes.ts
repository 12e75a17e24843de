// Types of the small web server (ICS: OverbyteIcsSslHttpRest, OverbyteIcsSslHttpOAuth).
import type { TLogOption, TVar } from '../types';

type Handler<Arguments extends unknown[]> = { bivariant(...args: Arguments): void }['bivariant'];

/** Answers a request: RespCode as `200 OK`, Body as HTML. Sender is the client. */
export type TSimpleWebSrvReqEvent<S = object> = Handler<
  [
    Sender: S,
    Host: string,
    Path: string,
    Params: string,
    RespCode: TVar<string>,
    Body: TVar<string>,
  ]
>;

/** Names the file with the challenge's certificate and key for Host. Sender is the client. */
export type TSimpleWebSrvAlpnEvent<S = object> = Handler<
  [Sender: S, Host: string, CertFName: TVar<string>]
>;

/** A line for the log. */
export type TSimpleServerProgEvent<S = object> = Handler<
  [Sender: S, LogOption: TLogOption, Msg: string]
>;
