/** What the customer's browser shows where the provider asks for something: yes or no. */
export const ACTION_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Test provider</title>
<style>
  body { font: 1.1rem system-ui; max-width: 28rem; margin: 4rem auto; padding: 0 1rem }
  button { font: inherit; padding: .6rem 1.2rem; margin-right: .5rem }
</style>
<h1>Is it you?</h1>
<p>Your bank would ask you now. No money is moved.</p>
<p><button data-succeed="true">Yes, pay</button> <button data-succeed="false">No</button></p>
<p id="said" role="status"></p>
<script>
  for (const button of document.querySelectorAll('button')) {
    button.onclick = async () => {
      const body = JSON.stringify({ succeed: button.dataset.succeed === 'true' })
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(location.pathname, { method: 'POST', headers, body })
      document.querySelector('#said').textContent = answer.ok
        ? 'Done. You may close this page and go back to the shop.'
        : 'There is nothing to do here, or it was done.'
    }
  }
</script>
</html>
`
