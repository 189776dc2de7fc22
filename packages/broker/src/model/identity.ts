/** Says which broker took an event. One object per broker. */
export interface BrokerIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}
