/** A program that Redis runs as a whole, with nothing in between: all of it or nothing. */
export interface RedisScript {
	readonly source: string;
}

/**
 * Takes the lease and reads the record.
 *
 * A lease that this process still seems to have, by an earlier number, is one whose release or
 * whose reply was lost: no contender holds it, since the process has one for each tab. Another
 * process that had to wait has the next turn reserved, or a busy process would never let it in.
 * Answers 0 if it is not the caller's turn, else fields and values of the record: none if there is
 * none, the version alone if it is the known one.
 *
 * Keys: record, lease, reservation. Arguments: process, number of the lease, its milliseconds, the
 * known version, milliseconds of a reservation.
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
 * Writes changes to the record. Answers "ok", "note" if the record is to be counted with its owners
 * now, "lost" if the lease is not the caller's any more, or "changed" if the record is not at the
 * version that was read.
 *
 * The field "o" says when the record was counted last, and with whom: of others it is counted at
 * once, else once in a while. HSET comes first: it is what Redis refuses when it is full, and
 * refuses only before a script has written anything.
 *
 * Keys: record, lease. Arguments: lease, version that was read (0 for no record), new version,
 * milliseconds to keep the record, the owners' names or nothing, seconds until it is counted again,
 * number of fields to set; then fields and values to set, then fields to delete.
 */
export const COMMIT: RedisScript = {
	source: `
if redis.call("GET", KEYS[2]) ~= ARGV[1] then return "lost" end
if (redis.call("HGET", KEYS[1], "v") or "0") ~= ARGV[2] then return "changed" end
local answer = "ok"
if ARGV[5] == "" then
	redis.call("HSET", KEYS[1], "v", ARGV[3])
	redis.call("HDEL", KEYS[1], "o")
else
	local whose = redis.call("HGET", KEYS[1], "o") or ""
	local now = tonumber(redis.call("TIME")[1])
	local at, owners = string.match(whose, "^(%d+) (.*)$")
	if owners ~= ARGV[5] or now < tonumber(at) or now >= tonumber(at) + tonumber(ARGV[6]) then
		whose = string.format("%d ", now) .. ARGV[5]
		answer = "note"
	end
	redis.call("HSET", KEYS[1], "v", ARGV[3], "o", whose)
end
local removed = 8 + 2 * tonumber(ARGV[7])
for i = 8, removed - 1, 1000 do redis.call("HSET", KEYS[1], unpack(ARGV, i, math.min(i + 999, removed - 1))) end
for i = removed, #ARGV, 1000 do redis.call("HDEL", KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV))) end
redis.call("PEXPIRE", KEYS[1], ARGV[4])
return answer
`,
};

/**
 * Counts a client with one owner, and answers the oldest of those that are too many, at most 100 of
 * them, each with its time. They stay until `FORGET`.
 *
 * Keys: the owner's clients. Arguments: client, most of them, seconds after which one is gone by
 * itself.
 */
export const NOTE: RedisScript = {
	source: `
local time = redis.call("TIME")
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local kept = tonumber(ARGV[3]) * 1000
redis.call("ZADD", KEYS[1], now, ARGV[1])
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - kept)
redis.call("PEXPIRE", KEYS[1], kept)
local excess = redis.call("ZCARD", KEYS[1]) - tonumber(ARGV[2])
if excess <= 0 then return {} end
return redis.call("ZRANGE", KEYS[1], 0, math.min(excess, 100) - 1, "WITHSCORES")
`,
};

/**
 * Removes the record of a client that an owner has too many of. Answers "held" if it is being
 * worked on, "other" if it is gone or another owner's by now, else "ok".
 *
 * Keys: record, lease. Arguments: name of the owner.
 */
export const EVICT: RedisScript = {
	// proven: redis-evicts-held, redis-evicts-others
	source: `
if redis.call("EXISTS", KEYS[2]) == 1 then return "held" end
local whose = redis.call("HGET", KEYS[1], "o")
if not whose or not string.find(whose .. " ", " " .. ARGV[1] .. " ", 1, true) then return "other" end
redis.call("DEL", KEYS[1])
return "ok"
`,
};

/**
 * Takes clients off an owner's, unless they were counted anew meanwhile. Keys: the owner's clients.
 * Arguments: clients, each with its time.
 */
export const FORGET: RedisScript = {
	source: `
for i = 1, #ARGV, 2 do
	if redis.call("ZSCORE", KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call("ZREM", KEYS[1], ARGV[i]) end
end
return "ok"
`,
};

/**
 * Removes the record. Answers as `COMMIT` does. Keys: record, lease. Arguments: lease, version that
 * was read.
 */
export const REMOVE: RedisScript = {
	source: `
if redis.call("GET", KEYS[2]) ~= ARGV[1] then return "lost" end
if (redis.call("HGET", KEYS[1], "v") or "0") ~= ARGV[2] then return "changed" end
redis.call("DEL", KEYS[1])
return "ok"
`,
};

/**
 * Keeps the lease for longer. Answers "ok" or "lost". Keys: lease. Arguments: lease, milliseconds.
 */
export const RENEW: RedisScript = {
	source: `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return "lost" end
redis.call("PEXPIRE", KEYS[1], ARGV[2])
return "ok"
`,
};

/**
 * Gives the lease back. Answers "lost", "ok", or the process that has the next turn reserved: it is
 * told by a message of its own, whose channel may be on another node of a cluster.
 *
 * Keys: lease, reservation. Arguments: lease.
 */
export const RELEASE: RedisScript = {
	source: `
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return "lost" end
redis.call("DEL", KEYS[1])
return redis.call("GET", KEYS[2]) or "ok"
`,
};

/**
 * Publishes a message. A script, because a cluster's client sends the plain command to any node,
 * and messages of one channel would overtake each other; a script goes where its key belongs.
 *
 * Keys: channel, for the way alone: a client may put a prefix of its own before keys. Arguments:
 * channel, message.
 */
export const PUBLISH: RedisScript = { source: `return redis.call("PUBLISH", ARGV[1], ARGV[2])` };

/**
 * Publishes a message within the shard that the channel belongs to. `PUBLISH` has each node of a
 * cluster carry every message, so that more nodes carry no more of them.
 *
 * Keys: channel. Arguments: channel, message.
 */
export const PUBLISH_IN_SHARD: RedisScript = {
	source: `return redis.call("SPUBLISH", ARGV[1], ARGV[2])`,
};

/** All of them. */
export const SCRIPTS: readonly RedisScript[] = [
	ACQUIRE,
	COMMIT,
	REMOVE,
	RENEW,
	RELEASE,
	PUBLISH,
	PUBLISH_IN_SHARD,
	NOTE,
	EVICT,
	FORGET,
];

/** SHA-1 of the source, by which Redis knows a script that it has run before. */
export async function digestOf(script: RedisScript): Promise<string> {
	const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(script.source));
	return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
