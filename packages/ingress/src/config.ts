/** What may be set about a listener, with its defaults and bounds. */
import { z } from 'zod';

const KIB = 1024;
const MIB = 1024 * KIB;

export const ingressConfigSchema = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address to listen on; loopback by default.'),
  port: z.int().min(0).max(65_535).default(8080).describe('0 takes any free port.'),
  bodyBytesMax: z
    .int()
    .min(KIB)
    .default(4 * MIB)
    .describe('Largest body of one request; beyond it 413.'),
  bodiesBytesMax: z
    .int()
    .min(KIB)
    .default(256 * MIB)
    .describe('Bytes of all bodies being received together; beyond it 503.'),
  headerBytesMax: z
    .int()
    .min(8 * KIB)
    .default(96 * KIB)
    .describe('All headers of a request; attributes may take 64 KiB of it. Beyond it 431.'),
  headersTimeoutMs: z.int().min(100).default(10_000).describe('Until all headers are there; 408.'),
  requestTimeoutMs: z.int().min(100).default(30_000).describe('Until the body is there; 408.'),
  keepAliveTimeoutMs: z.int().min(0).default(75_000).describe('Idle time of a kept connection.'),
  connectionsMax: z.int().min(1).default(20_000).describe('Further connections are dropped.'),
  namespaceShare: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe('Part of bodiesBytesMax that one namespace can hold.'),
  allowedHosts: z
    .array(z.string())
    .default([])
    .describe('Host names to answer to beside loopback and cluster names; `*` answers to all.'),
  allowedOrigins: z
    .array(z.string())
    .default([])
    .describe('Browser origins that may post events, such as https://console.example.com.'),
});

export type IngressConfig = z.output<typeof ingressConfigSchema>;
