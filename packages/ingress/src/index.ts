export { ingressConfigSchema } from './config.ts';
export type { IngressConfig } from './config.ts';
export { IngressError } from './errors.ts';
export type { IngressErrorCode } from './errors.ts';
export { EventListener } from './event-listener.ts';
export type { EventListenerOptions } from './event-listener.ts';
export { HostGuard } from './host-guard.ts';
export { RouteTable, serviceHostKey } from './route-table.ts';
export type { EventRoute, RequestContext } from './route-table.ts';
