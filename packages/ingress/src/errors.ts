/** Everything that the listener refuses by itself. What a route throws is mapped in `problem.ts`. */
import { AffluxError } from '@afflux/kernel';

export type IngressErrorCode =
  /** 404: no broker or channel has this path or host. */
  | 'AFFLUX_INGRESS_NOT_FOUND'
  /** 405: anything but POST and OPTIONS. */
  | 'AFFLUX_INGRESS_METHOD'
  /** 403: a page of another origin, or a host name that is not ours (DNS rebinding). */
  | 'AFFLUX_INGRESS_FORBIDDEN'
  /** 413: more bytes than one request may carry. */
  | 'AFFLUX_INGRESS_BODY_TOO_LARGE'
  /** 415: a compressed body. */
  | 'AFFLUX_INGRESS_ENCODING'
  /** 503: all memory for bodies is in use, or this namespace has its share. */
  | 'AFFLUX_INGRESS_OVERLOADED'
  /** 503: the process is on its way down. */
  | 'AFFLUX_INGRESS_DRAINING'
  /** The port is taken, or the address is not of this machine. */
  | 'AFFLUX_INGRESS_LISTEN';

export class IngressError extends AffluxError<IngressErrorCode> {}
