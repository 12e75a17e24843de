// A load process: says that it is there, starts good or bad clients when told, answers with what they saw.
import { BadClients } from './badClients';
import { GoodClients } from './goodClients';
import type { Order } from './messages';

let clients: BadClients | GoodClients | null = null;

process.on('message', (order: Order) => {
  if ('start' in order) {
    clients = order.start === 'bad' ? new BadClients(order.ports) : new GoodClients(order.ports);
    return;
  }
  void clients?.stop().then((result) => process.send!(result));
});
process.on('disconnect', () => process.exit());
process.send!('ready');
