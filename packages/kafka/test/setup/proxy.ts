import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Number of the request that ends a transaction, in the protocol. */
export const END_TXN = 26;

/**
 * What becomes of a request. `lose request`: the connection breaks before it reaches the broker; `lose answer`: the broker has
 * carried it out, and the connection breaks before its answer reaches the client.
 */
export type Fate = 'pass' | 'lose request' | 'lose answer';

/**
 * Stands between clients and one broker, and understands just enough of the protocol to break connections at a given request:
 *
 *   request  = length int32, key int16, version int16, correlation int32, ...
 *   response = length int32, correlation int32, ...
 */
export class KafkaProxy {
  readonly port: number;
  /** Decides about every request, by its key. */
  fate: (key: number) => Fate = () => 'pass';
  /** Called when a connection was broken as `fate` said. */
  onLost: () => void = () => undefined;
  /** Where the broker listens. */
  brokerPort = 0;
  private readonly server: Server;
  private readonly connections = new Set<Connection>();
  private silent = false;

  private constructor(server: Server) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.accept(client));
  }

  static async listen(): Promise<KafkaProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new KafkaProxy(server);
  }

  /** From now on nothing comes through in either direction, and nobody is told: connections stay open. */
  silence(): void {
    this.silent = true;
    for (const connection of this.connections) connection.silence();
  }

  /** Silent connections break; new ones serve. */
  heal(): void {
    this.silent = false;
    for (const connection of this.connections) if (connection.silent) connection.break();
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.break();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(client: Socket): void {
    const connection = new Connection(client, this.brokerPort, {
      fate: (key) => this.fate(key),
      lost: () => this.onLost(),
      closed: () => this.connections.delete(connection),
    });
    this.connections.add(connection);
    if (this.silent) connection.silence();
  }
}

interface Handlers {
  readonly fate: (key: number) => Fate;
  readonly lost: () => void;
  readonly closed: () => void;
}

/** One client's connection, and the one to the broker that belongs to it. */
class Connection {
  silent = false;
  private readonly client: Socket;
  private readonly broker: Socket;
  private readonly handlers: Handlers;
  /** Correlation of the request whose answer is to be lost. */
  private doomed: number | undefined;
  private broken = false;

  constructor(client: Socket, brokerPort: number, handlers: Handlers) {
    this.client = client;
    this.handlers = handlers;
    this.broker = connect(brokerPort, '127.0.0.1');
    const requests = new Frames((frame) => this.request(frame));
    const responses = new Frames((frame) => this.response(frame));
    for (const [socket, frames] of [
      [client, requests],
      [this.broker, responses],
    ] as const) {
      socket.setNoDelay(true);
      socket.on('data', (bytes) => frames.push(bytes));
      socket.on('error', () => this.break());
      socket.on('close', () => this.break());
    }
  }

  silence(): void {
    this.silent = true;
  }

  break(): void {
    if (this.broken) return;
    this.broken = true;
    this.client.destroy();
    this.broker.destroy();
    this.handlers.closed();
  }

  private request(frame: Buffer): void {
    if (this.silent || this.broken) return;
    const fate = this.handlers.fate(frame.readInt16BE(4));
    if (fate === 'lose request') {
      this.lose();
      return;
    }
    if (fate === 'lose answer') this.doomed = frame.readInt32BE(8);
    this.broker.write(frame);
  }

  private response(frame: Buffer): void {
    if (this.silent || this.broken) return;
    if (frame.readInt32BE(4) === this.doomed) this.lose();
    else this.client.write(frame);
  }

  private lose(): void {
    this.handlers.lost();
    this.break();
  }
}

/** Cuts a stream into frames: each a length of four bytes and as many bytes. */
class Frames {
  private readonly onFrame: (frame: Buffer) => void;
  private rest: Buffer = Buffer.alloc(0);

  constructor(onFrame: (frame: Buffer) => void) {
    this.onFrame = onFrame;
  }

  push(bytes: Buffer): void {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    for (;;) {
      const end = this.rest.length < 4 ? Infinity : 4 + this.rest.readInt32BE(0);
      if (this.rest.length < end) return;
      this.onFrame(this.rest.subarray(0, end));
      this.rest = this.rest.subarray(end);
    }
  }
}
