export type {
  FetchLike,
  RequestInitLike,
  ResponseLike,
  TimersLike,
  WebSocketConstructor,
  WebSocketLike,
} from './environment.ts';
export * from './rest.ts';
export type { Gap } from './sequence-watch.ts';
export * from './socket.ts';
export * from './unwrap.ts';
