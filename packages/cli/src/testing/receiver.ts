/** An address that records what commands send to it. */
import { scriptedServer, type ScriptedServer } from '@afflux/control-kubernetes/testing';

/** Records requests; answers with the status that the request's number (from 1) asks for. */
export async function startReceiver(
  statusOf: (count: number) => number = () => 202,
): Promise<Pick<ScriptedServer, 'url' | 'requests'>> {
  let count = 0;
  return scriptedServer((response) => {
    count += 1;
    const status = statusOf(count);
    response.writeHead(status).end(status < 300 ? '' : 'refused, says the receiver');
  });
}
