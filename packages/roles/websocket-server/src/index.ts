export {
  createWebSocketServer,
  type SnapshotSource,
  type WebSocketServerDependencies,
  type WebSocketServerRole,
} from './websocket-server.ts';
