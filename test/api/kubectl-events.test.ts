/** Events of Kubernetes, which two API groups show. */
import { testTranscript } from './run-transcript.ts';

testTranscript('events');
