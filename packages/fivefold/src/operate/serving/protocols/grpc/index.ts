export { type RunningGrpcServer, serveGrpc } from './grpc-server.ts'
