// Our server, written as an application would write it, with the public API only.
//
//   icsServer.js echo | lines | burn

import { TWSocketServer } from '../../lib';
import { announce } from './childProtocol';
import { clientClass } from './clients';

const server = new TWSocketServer();
server.Addr = '127.0.0.1';
server.Port = '0';
server.Proto = 'tcp';
server.Banner = '';
server.ClientClass = clientClass(process.argv[2] ?? '');
server.Listen();
announce(Number(server.BindPort));
