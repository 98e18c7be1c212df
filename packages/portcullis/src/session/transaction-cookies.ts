import type { KeyRing } from "../crypto/key-ring.ts";
import type { LoginTransaction } from "../protocol/types.ts";
import type { CookieNames } from "./cookie-names.ts";
import { cookieBytes, deleteCookie, type RequestCookies, type SetCookie } from "./cookies.ts";

/** A login attempt must come back within ten minutes. Seconds. */
export const TRANSACTION_LIFETIME = 600;
/** Attempts that one browser can have open, in several tabs. */
export const MAX_TRANSACTIONS = 4;
/** All of them together, in bytes of the cookie header. */
export const MAX_TRANSACTION_BYTES = 2048;

/**
 * Cookies of attempts that are looked at when another one begins: a browser of a person never has
 * so many. What a caller makes up beyond that is neither opened nor deleted, or one request would
 * cost hundreds of openings.
 */
const MAX_LOOKED_AT = 16;

/** What seals and opens the login attempts of one provider. */
export interface TransactionSeal {
	readonly ring: KeyRing;
	readonly names: CookieNames;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Writes the cookie of a new attempt and evicts the oldest ones, so that at most four attempts and
 * 2,048 bytes are under way, those with other providers included. Forged or expired ones go first.
 * If the attempt does not fit by itself, its return target is given up.
 *
 * @param others The seals of the app's other providers.
 */
export async function writeTransaction(
	seal: TransactionSeal,
	requestCookies: RequestCookies,
	transaction: LoginTransaction,
	others: readonly TransactionSeal[] = [],
): Promise<SetCookie[]> {
	const cookie = await fitting(seal, transaction);
	const evicted: SetCookie[] = [];
	let left = MAX_LOOKED_AT;
	const alive: { cookie: SetCookie; startedAt: number }[] = [];
	for (const [name, value] of requestCookies) {
		const owner = [seal, ...others].find(({ names }) => name.startsWith(names.transactionPrefix));
		if (!owner || name === cookie.name) continue;
		if (left-- === 0) break; // proven: attempts-looked-at
		const other = await openTransaction(owner, name, value);
		if (other === undefined || isExpired(other, transaction.startedAt))
			evicted.push(deleteCookie(name, "Lax"));
		else
			alive.push({
				cookie: { name, value, sameSite: "Lax", maxAge: 0 },
				startedAt: other.startedAt,
			});
	}
	alive.sort((a, b) => b.startedAt - a.startedAt);
	let bytes = cookieBytes(cookie);
	for (const [i, other] of alive.entries()) {
		bytes += cookieBytes(other.cookie);
		// proven: many-attempts, large-attempts
		if (i + 1 >= MAX_TRANSACTIONS || bytes > MAX_TRANSACTION_BYTES)
			evicted.push(deleteCookie(other.cookie.name, "Lax"));
	}
	return [...evicted, cookie];
}

/**
 * Finds the attempt that a callback's `state` names among this browser's cookies. Only found by the
 * id in `state`: the caller still compares the whole `state`, and looks at the age.
 */
export async function readTransaction(
	seal: TransactionSeal,
	requestCookies: RequestCookies,
	state: string,
): Promise<LoginTransaction | undefined> {
	const name = transactionCookieName(seal.names, state);
	const value = name && requestCookies.get(name);
	return value ? openTransaction(seal, name, value) : undefined;
}

/**
 * True if the browser has kept the cookie of the attempt that a `state` names, but nothing here
 * opens it.
 */
export async function isUnreadableTransaction(
	seal: TransactionSeal,
	requestCookies: RequestCookies,
	state: string,
): Promise<boolean> {
	const name = transactionCookieName(seal.names, state);
	return (
		name !== undefined &&
		requestCookies.has(name) &&
		(await readTransaction(seal, requestCookies, state)) === undefined
	);
}

/**
 * The attempts of a browser that are open here, of one provider: no more than a browser can have.
 */
export async function openTransactions(
	seal: TransactionSeal,
	requestCookies: RequestCookies,
): Promise<LoginTransaction[]> {
	const names = [...requestCookies.keys()].filter((name) =>
		name.startsWith(seal.names.transactionPrefix),
	);
	const opened = names
		.slice(0, MAX_TRANSACTIONS)
		.map((name) => openTransaction(seal, name, requestCookies.get(name) ?? ""));
	return (await Promise.all(opened)).filter((transaction) => transaction !== undefined);
}

/** Deletes one attempt's cookie: it was used, or refused. */
export function clearTransaction(names: CookieNames, transaction: LoginTransaction): SetCookie {
	return deleteCookie(names.transactionPrefix + transaction.id, "Lax");
}

/** True once the attempt is older than ten minutes, or claims to come from the future. */
export function isExpired(transaction: LoginTransaction, now: number): boolean {
	const age = now - transaction.startedAt;
	return age > TRANSACTION_LIFETIME || age < -TRANSACTION_LIFETIME; // proven: long-attempt, future-attempt
}

/** Bytes of the attempts in a jar, all providers', leaving out one. */
export function transactionBytes(
	requestCookies: RequestCookies,
	names: CookieNames,
	except?: LoginTransaction,
): number {
	let bytes = 0;
	for (const [name, value] of requestCookies) {
		if (name.startsWith(names.transactionPrefix) && name !== names.transactionPrefix + except?.id)
			bytes += cookieBytes({ name, value });
	}
	return bytes;
}

function transactionCookieName(names: CookieNames, state: string): string | undefined {
	const id = /^([A-Za-z0-9_-]{16})\./.exec(state)?.[1];
	return id && names.transactionPrefix + id;
}

async function fitting(seal: TransactionSeal, transaction: LoginTransaction): Promise<SetCookie> {
	const cookie = await sealTransaction(seal, transaction);
	return cookieBytes(cookie) <= MAX_TRANSACTION_BYTES
		? cookie
		: sealTransaction(seal, { ...transaction, returnTo: "/" });
}

async function sealTransaction(
	{ ring, names }: TransactionSeal,
	transaction: LoginTransaction,
): Promise<SetCookie> {
	const name = names.transactionPrefix + transaction.id;
	const value = await ring.seal(
		"transaction",
		encoder.encode(JSON.stringify(transaction)),
		`${name} ${names.binding}`,
	);
	return { name, value, sameSite: "Lax", maxAge: TRANSACTION_LIFETIME };
}

async function openTransaction(
	{ ring, names }: TransactionSeal,
	name: string,
	value: string,
): Promise<LoginTransaction | undefined> {
	const bytes = await ring.open("transaction", value, `${name} ${names.binding}`); // proven: attempt-of-another-name
	// What opens was written by us with this very key and name: it is trusted to have the shape it
	// was written with.
	return bytes && (JSON.parse(decoder.decode(bytes)) as LoginTransaction);
}
