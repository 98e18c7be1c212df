import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseEnv } from "node:util";

/** A line that sets a variable: its name, and what stands before it. */
const ASSIGNMENT = /^(\s*(?:export\s+)?)([A-Za-z_]\w*)\s*=/;

/**
 * The folder that a project's `.env` belongs to: the root of the workspace, so that every app of it
 * shares the file; else the nearest folder with a `package.json`; else the folder itself. Does not
 * look beyond the repository.
 */
export function projectRoot(folder: string): string {
	let nearest: string | undefined;
	for (let current = folder; ; current = dirname(current)) {
		if (isWorkspaceRoot(current)) return current;
		if (existsSync(join(current, "package.json"))) nearest ??= current;
		if (existsSync(join(current, ".git")) || dirname(current) === current) return nearest ?? folder;
	}
}

function isWorkspaceRoot(folder: string): boolean {
	if (existsSync(join(folder, "pnpm-workspace.yaml"))) return true;
	try {
		const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
		return typeof manifest === "object" && manifest !== null && "workspaces" in manifest;
	} catch {
		return false;
	}
}

/** The variables of a file; none if it is not there. @throws what reading it throws. */
export function readEnvFile(file: string): Readonly<Record<string, string | undefined>> {
	return existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
}

/**
 * The text of a file with some variables set. All other lines, comments and line ends stay as they
 * are. A variable that is there is replaced where it stands last, which is the one that counts, and
 * its other lines go; new ones are appended.
 *
 * @param values `undefined` takes a variable away.
 * @throws {RangeError} for a value that cannot be written so that it is read back the same.
 */
export function withVariables(
	text: string,
	values: Readonly<Record<string, string | undefined>>,
): string {
	const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
	const lines = splitStatements(text, lineEnd);
	const lastOf = new Map<string, number>();
	for (const [i, line] of lines.entries()) {
		const name = ASSIGNMENT.exec(line)?.[2];
		if (name !== undefined && Object.hasOwn(values, name)) lastOf.set(name, i);
	}
	const kept = lines.flatMap((line, i) => {
		const [, lead = "", name = ""] = ASSIGNMENT.exec(line) ?? [];
		if (!lastOf.has(name)) return [line];
		const value = values[name];
		return lastOf.get(name) === i && value !== undefined ? [lead + assignment(name, value)] : [];
	});
	const added = Object.entries(values).flatMap(([name, value]) =>
		lastOf.has(name) || value === undefined ? [] : [assignment(name, value)],
	);
	while (kept.at(-1) === "") kept.pop();
	return [...kept, ...added, ""].join(lineEnd);
}

/**
 * Lines, where a quoted value that runs over several counts as one: what looks like a variable in
 * it is none.
 */
function splitStatements(text: string, lineEnd: string): string[] {
	const statements: string[] = [];
	let open: string | undefined;
	for (const line of text.split(/\r?\n/)) {
		if (open !== undefined) {
			statements[statements.length - 1] += lineEnd + line;
			if (line.includes(open)) open = undefined;
			continue;
		}
		statements.push(line);
		const [, quote = "", rest = ""] =
			/^\s*(?:export\s+)?[A-Za-z_]\w*\s*=\s*(["'`])(.*)$/.exec(line) ?? [];
		if (quote !== "" && !rest.includes(quote)) open = quote;
	}
	// A quote that is never closed is part of the value: then lines are lines.
	return open === undefined ? statements : text.split(/\r?\n/);
}

function assignment(name: string, value: string): string {
	const spellings = [value, `"${value}"`, `'${value}'`, `\`${value}\``].map(
		(spelled) => `${name}=${spelled}`,
	);
	const [plain = ""] = spellings;
	// Without quotes only what every reader of such files, shells included, takes literally.
	const isPlain = /^[\w./:@%+=,~-]*$/.test(value);
	// In double quotes shells and some readers replace `$`, and Node replaces `\n`.
	const quoted = spellings
		.slice(1)
		.find((line, i) => !(i === 0 && /[$\\`]/.test(value)) && parseEnv(line)[name] === value);
	const found = isPlain && parseEnv(plain)[name] === value ? plain : quoted;
	if (found === undefined || /[\r\n]/.test(value))
		throw new RangeError(`The value of ${name} cannot be written to a file of variables`);
	return found;
}

/**
 * Replaces a file as a whole, readable by its owner alone from its first byte on. Follows a
 * symbolic link instead of replacing it.
 *
 * @param change Gets the text as it is, empty for a new file.
 */
export function replacePrivately(file: string, change: (text: string) => string): void {
	const isThere = existsSync(file);
	const target = isThere ? realpathSync(file) : file;
	const text = change(isThere ? readFileSync(target, "utf8") : "");
	const temporary = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}`);
	try {
		writeFileSync(temporary, text, { mode: 0o600, flag: "wx" });
		renameSync(temporary, target);
	} finally {
		rmSync(temporary, { force: true });
	}
}

/**
 * True if Git would take the file into a commit: it is tracked, or nothing ignores it. False where
 * there is no repository, or no Git.
 */
export function isExposedToGit(file: string): boolean {
	const git = (...args: readonly string[]): number => {
		try {
			execFileSync("git", [...args, "--", basename(file)], {
				cwd: dirname(file),
				stdio: "ignore",
				timeout: 5000,
			});
			return 0;
		} catch (error) {
			return Number((error as { status?: number | null }).status ?? -1);
		}
	};
	// 0: ignored; 1: not ignored; 128: no repository. A file that is tracked is not ignored, even if
	// .gitignore lists it.
	return git("check-ignore", "--quiet") === 1;
}
