/**
 * The only door to undici: its HTTP/1.1 client and its connector, imported from their own files. Importing
 * the package as a whole also loads fetch, WebSocket, the mocks and the cache, which costs two thirds of the
 * start-up time of this package (measured: 95 ms against 29 ms of CPU on Node 20).
 */
import type { Socket } from 'node:net';
import type { Client as ClientType, Dispatcher, buildConnector } from 'undici';
import ClientClass from 'undici/lib/dispatcher/client.js';
import connectorOf from 'undici/lib/core/connect.js';

export type Client = ClientType;
export type DispatchOptions = Dispatcher.DispatchOptions;
export type ConnectorOptions = buildConnector.BuildOptions;
export type ConnectOptions = buildConnector.Options;
/** Unlike the published types say, a failure is the only argument, and the connector returns the socket. */
export type ConnectCallback = (error: Error | null, socket?: Socket) => void;
export type Connector = (options: ConnectOptions, callback: ConnectCallback) => Socket;

export const newClient = (origin: string, options: ClientType.Options): Client =>
  new ClientClass(origin, options);

export const newConnector = (options: ConnectorOptions): Connector => connectorOf(options);
