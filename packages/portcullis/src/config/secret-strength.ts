/** `PORTCULLIS_SECRET` is made for us; so long is what `portcullis secret` prints, and more. */
export const MIN_SECRET_LENGTH = 32;
/** Client secrets are made by providers. Shorter ones are placeholders, or typed by hand. */
export const MIN_CLIENT_SECRET_LENGTH = 16;
const MIN_DISTINCT_CHARACTERS = 10;
/**
 * What has to be left for guessing. Cookies that any browser gets can be tried against guesses
 * offline, for years.
 */
const MIN_BITS = 72;
/** Characters that are looked at: who has so many with nothing in them has nothing in the rest. */
const MAX_LOOKED_AT = 256;
/** A secret of words may have been encoded more than once. */
const MAX_READINGS = 8;

const PLACEHOLDERS =
	/change.?(?:me|this|it)|replace.?(?:me|this|with)|your.?(?:own.?)?(?:client.?)?secret|placeholder|example|default|passw(?:or|0r)[dt]/i;

/**
 * How many bits an attacker has to guess for a word, a sequence, or a piece that was there before.
 */
const KNOWN_PIECE = 4;
/** The same for something that can be spoken, and may be a word of any language. */
const SPOKEN_PIECE = 12;
/** A hyphen, a dot, a space: they stand where one expects them. */
const SEPARATOR = 1;

const WORDS =
	"secret|client|change|insert|replace|paste|enter|your|here|this|that|with|todo|fixme|test|demo|local|host|" +
	"develop|development|production|staging|admin|administrator|root|user|login|portcullis|oidc|oauth|openid|" +
	"connect|keycloak|okta|auth|cookie|session|super|secure|insecure|private|public|token|access|value|string|" +
	"random|something|none|null|undefined|dummy|foobar|letmein|welcome|monkey|dragon|hunter|master|company|acme|" +
	"server|service|keep|safe|only|long|enough|very|please|deadbeef|cafebabe|azure|google|gitlab|pass|word|" +
	"goes|prod|key|sso|idp|app|api|web|dev|not|use|for|the|and|our|do|in|is|my|me";
const WORD = new RegExp(WORDS, "y");
/** Letters of one case, perhaps with a capital in front. */
const LETTERS = /[A-Z][a-z]{3,}|[a-z]{4,}|[A-Z]{4,}/y;
/** A number: a year, a date, a port. */
const DIGITS = /[0-9]{4,}/y;
const VOWEL = /[aeiouy]/i;
const CONSONANTS = /[^aeiouy]{4}/i;
const SEPARATORS = new Set([" ", "-", "_", ".", ",", "/", ":"]);

/** Rows in which one character follows the other, on keyboards and in alphabets. */
const ROWS = [
	"0123456789abcdefghijklmnopqrstuvwxyz",
	"1234567890",
	"zyxwvutsrqponmlkjihgfedcba9876543210",
	"0987654321",
	"qwertyuiop",
	"qwertzuiop",
	"poiuytrewq",
	"asdfghjkl",
	"lkjhgfdsa",
	"zxcvbnm",
	"mnbvcxz",
	"1q2w3e4r5t6y7u8i9o0p",
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];

/**
 * Why a secret is not strong enough to make keys from, as the end of a sentence; `undefined` for
 * one that may be.
 *
 * A rough estimate of what an attacker has to guess: words, sequences and repetitions count for
 * little, everything else for what its characters can be. Space and quotes around it count for
 * nothing.
 *
 * @param publicTexts Texts that are no secret, such as the client id: nothing is to be guessed
 *   where one of them stands.
 */
export function weaknessOf(
	secret: string,
	minLength: number,
	publicTexts: readonly string[] = [],
): string | undefined {
	const core = withoutWrapping(secret); // proven: padded-secret
	if (core.length < minLength) return `is shorter than ${minLength} characters`;
	if (new Set(core).size < MIN_DISTINCT_CHARACTERS) return EASY;
	return readings(core).some((text) => isGuessed(text, publicTexts)) ? EASY : undefined; // proven: encoded-words
}

const EASY = "is easy to guess";

function isGuessed(text: string, publicTexts: readonly string[]): boolean {
	return PLACEHOLDERS.test(text) || guessedBits(text, publicTexts) < MIN_BITS; // proven: nothing-to-guess
}

/**
 * A text, and what it says where it is words that were encoded: in Base64, in hexadecimal digits or
 * percent-encoded, once or several times. Random bytes are no text: of those that a secret of 16
 * random characters encodes, one in 100,000 is.
 */
function readings(text: string): string[] {
	const found = [text];
	for (let i = 0; i < found.length && found.length < MAX_READINGS; i++) {
		const one = found[i] ?? "";
		for (const decode of [fromHex, fromBase64, fromPercent]) {
			const other = decode(one);
			if (other !== undefined && !found.includes(other)) found.push(other);
		}
	}
	return found;
}

function fromHex(text: string): string | undefined {
	const digits = text.replace(/^0x|[ :-]/gi, "");
	if (!/^(?:[0-9a-f]{2}){4,}$/i.test(digits)) return undefined;
	return readable(Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
}

function fromBase64(text: string): string | undefined {
	const digits = text
		.replace(/^base64:/i, "")
		.replace(/=+$/, "")
		.replaceAll("-", "+")
		.replaceAll("_", "/");
	if (!/^[0-9a-z+/]{8,}$/i.test(digits) || digits.length % 4 === 1) return undefined;
	return readable(Uint8Array.from(atob(digits), (character) => character.charCodeAt(0)));
}

function fromPercent(text: string): string | undefined {
	if (!/%[0-9a-f]{2}/i.test(text)) return undefined;
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
}

/**
 * Bytes as a text in UTF-8, or in the UTF-16 that PowerShell encodes; `undefined` for what is
 * neither.
 */
function readable(bytes: Uint8Array): string | undefined {
	const isWide = bytes.length % 2 === 0 && bytes.every((byte, i) => i % 2 === 0 || byte === 0);
	try {
		const text = new TextDecoder(isWide ? "utf-16le" : "utf-8", { fatal: true })
			.decode(bytes)
			.trim();
		return /^[^\p{C}\ufffd]+$/u.test(text.replace(/[\t\r\n]/g, " ")) ? text : undefined;
	} catch {
		return undefined;
	}
}

function withoutWrapping(secret: string): string {
	const trimmed = secret.trim();
	const inner = /^(["'`<])(.*)["'`>]$/s.exec(trimmed)?.[2];
	return inner === undefined ? trimmed : withoutWrapping(inner);
}

/** What is left to be guessed of a text, in bits. */
function guessedBits(secret: string, publicTexts: readonly string[]): number {
	const text = secret.slice(0, MAX_LOOKED_AT);
	const lower = text.toLowerCase();
	const spoken = unmasked(lower);
	const known = publicTexts.map((each) => each.toLowerCase()).filter((each) => each.length >= 4);
	const perCharacter = Math.log2(alphabetOf(text));
	let bits = 0;
	for (let at = 0; at < text.length; ) {
		const piece = Math.max(
			...known.map((each) => (lower.startsWith(each, at) ? each.length : 0)),
			matchAt(WORD, lower, at),
			matchAt(WORD, spoken, at),
			sequenceAt(lower, at),
			braidAt(lower, at),
			repetitionAt(lower, at),
		);
		if (piece > 0) {
			bits += KNOWN_PIECE;
			at += piece;
			continue;
		}
		const letters = spokenAt(text, at);
		if (letters > 0) {
			bits += SPOKEN_PIECE;
			at += letters;
			continue;
		}
		const digits = matchAt(DIGITS, text, at);
		if (digits > 0) {
			bits += digits * Math.log2(10);
			at += digits;
		} else {
			bits += SEPARATORS.has(text[at] ?? "") ? SEPARATOR : perCharacter;
			at++;
		}
	}
	return bits;
}

/** How many characters each one of a text may be: those of the kinds that are in it. */
function alphabetOf(text: string): number {
	if (/^[0-9a-f -]*$/i.test(text)) return /[a-f]/i.test(text) ? 16 : 10;
	const kinds: readonly (readonly [RegExp, number])[] = [
		[/[0-9]/, 10],
		[/[a-z]/, 26],
		[/[A-Z]/, 26],
		[/[^0-9a-zA-Z]/, 4],
	];
	return kinds.reduce((sum, [kind, size]) => sum + (kind.test(text) ? size : 0), 0);
}

/** Letters instead of the signs that are written for them. As long as before. */
function unmasked(lower: string): string {
	const letters: Readonly<Record<string, string>> = {
		"0": "o",
		"1": "i",
		"3": "e",
		"4": "a",
		"5": "s",
		"7": "t",
	};
	return lower.replace(
		/[013457@$!]/g,
		(sign) => letters[sign] ?? { "@": "a", $: "s", "!": "i" }[sign] ?? sign,
	);
}

function matchAt(pattern: RegExp, text: string, at: number): number {
	pattern.lastIndex = at;
	return pattern.exec(text)?.[0].length ?? 0;
}

/** Length of a word, of any language, that could stand here: letters that can be spoken. */
function spokenAt(text: string, at: number): number {
	LETTERS.lastIndex = at;
	const letters = LETTERS.exec(text)?.[0] ?? "";
	return VOWEL.test(letters) && !CONSONANTS.test(letters) ? letters.length : 0;
}

/** Length of three or more characters that follow each other in a row, or are all the same. */
function sequenceAt(lower: string, at: number): number {
	let longest = 1;
	while (lower[at + longest] === lower[at]) longest++;
	for (const row of ROWS) {
		let from = row.indexOf(lower[at] ?? "");
		if (from < 0) continue;
		let length = 1;
		while (lower[at + length] !== undefined && row[++from % row.length] === lower[at + length])
			length++;
		longest = Math.max(longest, length);
	}
	return longest >= 3 ? longest : 0;
}

/**
 * Length of two sequences in turns, such as a1b2c3 or aabbcc: three characters of each, or more.
 */
function braidAt(lower: string, at: number): number {
	let length = 2;
	while (isNext(lower[at + length - 2], lower[at + length])) length++;
	return length >= 6 ? length : 0;
}

function isNext(one: string | undefined, other: string | undefined): boolean {
	if (one === undefined || other === undefined) return false;
	return ROWS.some(
		(row) => row.includes(one) && row[(row.indexOf(one) + 1) % row.length] === other,
	);
}

/** Length of four or more characters that have stood in the text before. */
function repetitionAt(lower: string, at: number): number {
	let length = 4;
	if (at + length > lower.length || lower.indexOf(lower.slice(at, at + length)) >= at) return 0;
	while (at + length < lower.length && lower.indexOf(lower.slice(at, at + length + 1)) < at)
		length++;
	return length;
}
