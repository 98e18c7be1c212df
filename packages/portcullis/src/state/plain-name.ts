const NAME = /^[A-Za-z_][\w$]*$/;
/** Names that mean something to JavaScript or in the browser. */
const RESERVED = new Set([
	"constructor",
	"prototype",
	"__proto__",
	"then",
	"toJSON",
	"valueOf",
	"toString",
	"hasOwnProperty",
]);

/** True if a state or a surface may have this name. */
export function isPlainName(name: unknown): name is string {
	return typeof name === "string" && NAME.test(name) && !RESERVED.has(name);
}
