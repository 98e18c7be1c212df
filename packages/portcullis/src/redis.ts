export type { Keeping, RecordLease, StateStore, StoredEntries } from "./store/contract.ts";
export type { RedisClient, RedisOptions } from "./store/redis/options.ts";
export { redis } from "./store/redis/store.ts";
