/** The media type of Kubernetes' objects as protocol buffers. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';
