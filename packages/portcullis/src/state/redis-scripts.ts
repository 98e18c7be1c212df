/** A program that Redis runs as a whole, with nothing in between: all of it or nothing. */
export interface RedisScript {
	readonly source: string;
}

/**
 * Takes the lease and reads the record.
 *
 * A lease that this process still seems to have, by an earlier number, is one whose release or whose reply was lost: nobody holds it, since
 * the process has one contender a client. Another process that had to wait has the next turn reserved, or a busy process would never let
 * it in. Answers 0 if it is not the caller's turn, else fields and values of the record: none if there is none, the version alone if it is
 * the known one.
 *
 * Keys: record, lease, reservation. Arguments: process, number of the lease, its milliseconds, the known version, milliseconds of a
 * reservation.
 */
export const ACQUIRE: RedisScript = {
	source: `
local holder = redis.call("GET", KEYS[2])
if holder then
	local process, number = string.match(holder, "^(.*) (%d+)$")
	if process == ARGV[1] and tonumber(number) < tonumber(ARGV[2]) then holder = false end
end
local reserved = redis.call("GET", KEYS[3])
if holder or (reserved and reserved ~= ARGV[1]) then
	if not reserved or reserved == ARGV[1] then redis.call("SET", KEYS[3], ARGV[1], "PX", ARGV[5]) end
	return 0
end
redis.call("SET", KEYS[2], ARGV[1] .. " " .. ARGV[2], "PX", ARGV[3])
if reserved then redis.call("DEL", KEYS[3]) end
local version = redis.call("HGET", KEYS[1], "v")
if not version then return {} end
if version == ARGV[4] then return { "v", version } end
return redis.call("HGETALL", KEYS[1])
`,
};

/**
 * Writes changes to the record. Answers "ok", "lost" if the lease is not the caller's any more, or "changed" if the record is not at the
 * version that was read.
 *
 * HSET comes first: it is what Redis refuses when it is full, and refuses only before a script has written anything.
 *
 * Keys: record, lease. Arguments: lease, version that was read (0 for no record), new version, milliseconds to keep the record, number of
 * fields to set; then fields and values to set, then fields to delete.
 */
export const COMMIT: RedisScript = {
	source: `
if redis.call("GET", KEYS[2]) ~= ARGV[1] then return "lost" end
if (redis.call("HGET", KEYS[1], "v") or "0") ~= ARGV[2] then return "changed" end
redis.call("HSET", KEYS[1], "v", ARGV[3])
local removed = 6 + 2 * tonumber(ARGV[5])
for i = 6, removed - 1, 1000 do redis.call("HSET", KEYS[1], unpack(ARGV, i, math.min(i + 999, removed - 1))) end
for i = removed, #ARGV, 1000 do redis.call("HDEL", KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV))) end
redis.call("PEXPIRE", KEYS[1], ARGV[4])
return "ok"
`,
};

/** Removes the record. Answers as `COMMIT` does. Keys: record, lease. Arguments: lease, version that was read. */
export const REMOVE: RedisScript = {
	source: `
if redis.call("GET", KEYS[2]) ~= ARGV[1] then return "lost" end
if (redis.call("HGET", KEYS[1], "v") or "0") ~= ARGV[2] then return "changed" end
redis.call("DEL", KEYS[1])
return "ok"
`,
};

/** Keeps the lease for longer. Answers "ok" or "lost". Keys: lease. Arguments: lease, milliseconds. */
export const RENEW: RedisScript = {
	source: `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return "lost" end
redis.call("PEXPIRE", KEYS[1], ARGV[2])
return "ok"
`,
};

/**
 * Gives the lease back, and tells the process that has the next turn reserved.
 *
 * Keys: lease, reservation. Arguments: lease, start of the channels' names, message.
 */
export const RELEASE: RedisScript = {
	source: `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return "lost" end
redis.call("DEL", KEYS[1])
local reserved = redis.call("GET", KEYS[2])
if reserved then redis.pcall("PUBLISH", ARGV[2] .. reserved, ARGV[3]) end
return "ok"
`,
};

/**
 * Publishes a message. A script, because a cluster's client sends the plain command to any node, and messages of one channel would overtake
 * each other; a script goes where its key belongs.
 *
 * Keys: channel, for the way alone: a client may put a prefix of its own before keys. Arguments: channel, message.
 */
export const PUBLISH: RedisScript = { source: `return redis.call("PUBLISH", ARGV[1], ARGV[2])` };

/** All of them. */
export const SCRIPTS: readonly RedisScript[] = [ACQUIRE, COMMIT, REMOVE, RENEW, RELEASE, PUBLISH];

/** SHA-1 of the source, by which Redis knows a script that it has run before. */
export async function digestOf(script: RedisScript): Promise<string> {
	const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(script.source));
	return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
