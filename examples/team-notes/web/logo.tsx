/** Three lines of a note. Decoration: the name stands beside it. */
export function Logo() {
	return (
		<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
			<rect width="32" height="32" rx="8" className="logo-ground" />
			<path d="M9 11h14M9 16h14M9 21h8" className="logo-lines" />
		</svg>
	);
}
