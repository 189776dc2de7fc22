declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';
  export default Client;
}
declare module 'undici/lib/core/connect.js' {
  import type { Socket } from 'node:net';
  import type { buildConnector } from 'undici';
  export default function (
    options: buildConnector.BuildOptions,
  ): (
    options: buildConnector.Options,
    callback: (error: Error | null, socket?: Socket) => void,
  ) => Socket;
}
