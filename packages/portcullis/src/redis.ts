export type { RedisClient, RedisOptions } from "./state/redis-options.ts";
export { redis } from "./state/redis-store.ts";
export type { ClientLease, Keeping, StateStore, StoredEntries } from "./state/store.ts";
