/**
 * Requests the page's own address once more.
 *
 * With a fragment, moves the entry to another path first: a replace by the same URL would be a jump
 * within the page, and nothing would be requested (HTML Living Standard section 7.4.2.2). An empty
 * fragment jumps too and shows in `href` alone, not in `location.hash`. `location.reload` is no way
 * out: it keeps the cross-site verdict.
 */
export function repeatHere(): void {
	const here = location.href;
	try {
		if (here.includes("#")) history.replaceState(null, "", location.pathname === "/" ? "/_" : "/");
	} finally {
		location.replace(here);
	}
}
