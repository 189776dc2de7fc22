/**
 * One port for https and plain http: kubectl sends a token over TLS only, while probes, and scripts on this machine,
 * use plain http. The first byte tells them apart: a TLS client begins with 22, and no HTTP method does.
 *
 * This decides and hands over; what is asked over either is answered by the one HTTP server, with its deadlines.
 * Until then a client is on a clock of ours: one that says nothing, or half of a handshake, would hold a connection
 * for ever. A client that speaks neither gets what an HTTP server says to nonsense.
 */
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';

/** Until the first byte, and from there to the end of the handshake. */
const HELLO_MS_MAX = 10_000;

/** Type of the first record of a TLS connection. */
const TLS_HANDSHAKE = 22;

export interface ControlDoorOptions {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** Gets every connection, unpacked. It does not listen itself. */
  readonly http: HttpServer;
  /** Default {@link HELLO_MS_MAX}. */
  readonly helloMsMax?: number | undefined;
}

export class ControlDoor {
  /** What listens, and counts connections. */
  readonly server: Server;
  readonly #http: HttpServer;
  readonly #tls: TlsServer;
  readonly #helloMsMax: number;
  readonly #sockets = new Set<Socket>();

  constructor({ cert, key, http, helloMsMax = HELLO_MS_MAX }: ControlDoorOptions) {
    this.#http = http;
    this.#helloMsMax = helloMsMax;
    this.#tls = createTlsServer({
      cert,
      key,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: helloMsMax,
    });
    this.#tls.on('secureConnection', (socket) => {
      http.emit('connection', socket);
    });
    this.#tls.on('tlsClientError', (_error, socket) => {
      socket.destroy();
    });
    // As http.createServer() does: an answer may still be on its way when the client has said its last word.
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
    this.server = createServer(options, (socket) => {
      this.#welcome(socket);
    });
    // From this event on, and not before, an HTTP server knows its connections and watches over their deadlines.
    this.server.once('listening', () => http.emit('listening'));
  }

  /** Cuts every connection, whatever it is at. */
  closeAllConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
    // It has nothing to close; this ends the watch over its deadlines.
    this.#http.close();
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Whoever breaks off is gone, and that is all there is to it.
    socket.on('error', () => undefined);
    const cut = (): void => {
      socket.destroy();
    };
    socket.setTimeout(this.#helloMsMax, cut);
    socket.once('end', cut);
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0, cut);
      socket.off('end', cut);
      socket.pause();
      // Whoever takes over reads it again.
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) this.#tls.emit('connection', socket);
      else {
        this.#http.emit('connection', socket);
        socket.resume();
      }
    });
    socket.resume();
  }
}
