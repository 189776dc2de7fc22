/** The media type of protocol buffers of Kubernetes; apart, so that it can be named without loading their reader. */
export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';
