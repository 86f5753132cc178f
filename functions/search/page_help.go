package main

const help markup = `
<div id="help" popover role="dialog" aria-label="Help">
<h2>Searching</h2>
<table><tbody>
<tr><td><code>timeout</code></td><td>the word</td></tr>
<tr><td><code>"connection reset"</code></td><td>the words side by side</td></tr>
<tr><td><code>level:error</code></td><td>a field’s value</td></tr>
<tr><td><code>level:(error OR fatal)</code></td><td>any of them</td></tr>
<tr><td><code>size:[10 TO 20]</code> <code>size:&gt;100</code></td><td>a range</td></tr>
<tr><td><code>field:*</code></td><td>documents that have the field</td></tr>
<tr><td><code>err*</code></td><td>words that begin so</td></tr>
<tr><td><code>a b</code> <code>a OR b</code> <code>NOT a</code></td><td>both, either, everything except</td></tr>
</tbody></table>
<h2>Keys</h2>
<table><tbody>
<tr><td><kbd>/</kbd></td><td>to the search</td></tr>
<tr><td><kbd>↓</kbd> <kbd>↑</kbd> or <kbd>j</kbd> <kbd>k</kbd></td><td>to the next or previous document</td></tr>
<tr><td><kbd>Enter</kbd></td><td>open or close the document</td></tr>
<tr><td><kbd>Esc</kbd></td><td>close what is open</td></tr>
<tr><td><kbd>←</kbd> <kbd>→</kbd> with <kbd>Shift</kbd></td><td>in the chart: choose a time, <kbd>Enter</kbd> searches it</td></tr>
<tr><td><kbd>t</kbd> <kbd>r</kbd> <kbd>l</kbd></td><td>time, refresh now, live</td></tr>
<tr><td><kbd>?</kbd></td><td>this</td></tr>
</tbody></table>
<button type="button" popovertarget="help" popovertargetaction="hide">Close</button>
</div>
`
