// Package virq is virq for tests in Go: a sandbox per test, exact waits, errors that carry the errno of Linux.
//
//	func TestFirst(t *testing.T) {
//		sandbox := virq.NewSandbox(t)
//		vm := virq.Must(sandbox.CreateVM())
//		eventfd := virq.Must(sandbox.CreateEventfd())
//		virq.Must(vm.Assign(eventfd, 5))
//		if signal := virq.Must(eventfd.Signal(1, virq.Settled)); signal.Outcome != "INJECTED" {
//			t.Error(signal)
//		}
//		virq.Must(eventfd.Close())
//		virq.Must(vm.Close())
//	}
//
// The end of the test deletes the sandbox and fails the test if something was left open.
//
// The environment says where the server is: VIRQ_URL (http://127.0.0.1:8080 if not set), VIRQ_TOKEN (sent as
// Authorization: Bearer) and VIRQ_PREFIX (begins the name of every sandbox, for a token that may see such names only).
//
// Without Timeout a close and a wait take 5 s at most, a signal that waits for its outcome 2 s; 60 s is the most unless
// the server is set otherwise (limits.waitNanos of GET /v1).
package virq

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// T is what a test has to offer; *testing.T does.
type T interface {
	Helper()
	Name() string
	Failed() bool
	Cleanup(func())
	Errorf(format string, arguments ...any)
	Fatalf(format string, arguments ...any)
}

// Client is a server, and the way to ask it.
type Client struct {
	URL    string
	Token  string
	Prefix string
	// Patience is for how long a call is made again that the server puts off, with 429 or 503 and Retry-After.
	Patience time.Duration
	HTTP     *http.Client
}

// Connect is a client of the server that the environment names.
func Connect() *Client {
	address := os.Getenv("VIRQ_URL")
	if address == "" {
		address = "http://127.0.0.1:8080"
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// Given up before the server gives it up: a POST on a connection that has just been closed is not repeated.
	transport.IdleConnTimeout = 4 * time.Second
	return &Client{
		URL:    strings.TrimRight(address, "/"),
		Token:  os.Getenv("VIRQ_TOKEN"),
		Prefix: os.Getenv("VIRQ_PREFIX"),

		Patience: 30 * time.Second,
		// Longer than the server lets anything wait.
		HTTP: &http.Client{Transport: transport, Timeout: 90 * time.Second},
	}
}

// Errno is the name of an error of Linux, such as "EBUSY": errors.Is(err, virq.Errno("EBUSY")).
type Errno string

// Error is the name itself.
func (e Errno) Error() string { return string(e) }

// Error is a refusal by the server.
type Error struct {
	Errno  Errno  `json:"errno"`
	Detail string `json:"detail"`
	// HeldBy names, with EDEADLK, the threads held at breakpoints, without whose release the wait would never end.
	HeldBy []Held `json:"heldBy"`
	// Pending is, with ETIMEDOUT and EDEADLK, what is still under way.
	Pending []Pending `json:"pending"`
	// Status is HTTP's.
	Status int `json:"-"`
	// Problem is the body of the answer (application/problem+json) with all its members.
	Problem []byte `json:"-"`
}

// Error says errno, status and detail.
func (e *Error) Error() string {
	name := e.Errno
	if name == "" {
		name = "HTTP"
	}
	return fmt.Sprintf("%s (%d): %s", name, e.Status, e.Detail)
}

// Unwrap is the errno.
func (e *Error) Unwrap() error { return e.Errno }

// Must is the value of a call that may not fail, as in virq.Must(sandbox.CreateVM()); it panics if it did.
func Must[V any](value V, err error) V {
	if err != nil {
		panic(err)
	}
	return value
}

// Do makes any call of the API. A body that is a string is a script's, nil is none, another one is sent as JSON. The
// answer is decoded into what answer points to; a *[]byte gets it as it came.
func (c *Client) Do(method, path string, query url.Values, body, answer any) error {
	text, err := c.send(method, path, query, body, "")
	if err != nil {
		return err
	}
	return decode(text, answer)
}

func decode(text []byte, answer any) error {
	switch answer := answer.(type) {
	case nil:
		return nil
	case *[]byte:
		*answer = text
		return nil
	default:
		return json.Unmarshal(text, answer)
	}
}

// send is the answer of a call as it came; life, if there is one, is the only life of a sandbox that it is meant for.
func (c *Client) send(method, path string, query url.Values, body any, life string) ([]byte, error) {
	var content []byte
	header := http.Header{}
	switch body := body.(type) {
	case nil:
	case string:
		content = []byte(body)
		header.Set("Content-Type", "text/plain")
	default:
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = encoded
		header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		header.Set("Authorization", "Bearer "+c.Token)
	}
	if life != "" {
		header.Set("If-Match", strconv.Quote(life))
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	if err := checkAddress(c.URL); err != nil {
		return nil, err
	}
	giveUp := time.Now().Add(c.Patience)
	for {
		text, later, err := c.try(method, path, header, content)
		// Nothing has been done yet, so it may be asked again.
		if later < 0 || !time.Now().Add(later).Before(giveUp) {
			return text, err
		}
		time.Sleep(later)
	}
}

var beginsWithScheme = regexp.MustCompile("(?i)^https?://[^/]")

func checkAddress(address string) error {
	if !beginsWithScheme.MatchString(address) {
		return fmt.Errorf("the server's address (VIRQ_URL) is %q: it must begin with http:// or https://", address)
	}
	if strings.HasSuffix(strings.TrimRight(address, "/"), "/v1") {
		return fmt.Errorf("the server's address (VIRQ_URL) is %q: it must not end in /v1, which is added to it", address)
	}
	return nil
}

// try makes a call once; later is after how long it may be made again, and negative if it may not.
func (c *Client) try(method, path string, header http.Header, content []byte) ([]byte, time.Duration, error) {
	var body io.Reader
	if content != nil {
		body = bytes.NewReader(content)
	}
	request, err := http.NewRequest(method, c.URL+path, body)
	if err != nil {
		return nil, -1, err
	}
	request.Header = header
	response, err := c.HTTP.Do(request)
	if err != nil {
		return nil, -1, fmt.Errorf("no virq answers at %s, start one, or set VIRQ_URL: %w", c.URL, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, -1, err
	}
	if response.StatusCode/100 == 2 {
		return text, -1, nil
	}
	refused := &Error{}
	if json.Unmarshal(text, refused) != nil {
		refused.Detail = string(text)
	}
	refused.Status, refused.Problem = response.StatusCode, text
	if refused.Status == http.StatusTooManyRequests || refused.Status == http.StatusServiceUnavailable {
		if seconds, err := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 16); err == nil {
			return nil, time.Duration(seconds) * time.Second, refused
		}
	}
	return nil, -1, refused
}

// A SandboxOption is one of On, AllowLeaks and TTL.
type SandboxOption func(*sandboxOptions)

type sandboxOptions struct {
	client     *Client
	allowLeaks bool
	ttl        time.Duration
}

// On makes the sandbox on a server other than the environment's.
func On(client *Client) SandboxOption { return func(o *sandboxOptions) { o.client = client } }

// AllowLeaks lets the test leave objects open.
func AllowLeaks() SandboxOption { return func(o *sandboxOptions) { o.allowLeaks = true } }

// TTL is how long the sandbox lives without a call; five minutes otherwise.
func TTL(ttl time.Duration) SandboxOption { return func(o *sandboxOptions) { o.ttl = ttl } }

// NewSandbox makes a sandbox for this test. At the test's end it is deleted, and what was left open fails the test.
func NewSandbox(t T, options ...SandboxOption) *Sandbox {
	t.Helper()
	settings := sandboxOptions{ttl: 5 * time.Minute}
	for _, option := range options {
		option(&settings)
	}
	if settings.client == nil {
		settings.client = Connect()
	}
	sandbox, err := settings.client.NewSandbox(t.Name(), settings.ttl)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() {
		// Asked while it can be: who is held is often why the rest is open.
		held := sandbox.held()
		report, err := sandbox.Delete()
		switch {
		case err != nil:
			t.Errorf("%v", err)
		// Whoever fails half-way has not closed everything, and the first failure is the one to show.
		case !report.Leaked.Empty() && !settings.allowLeaks && !t.Failed():
			t.Errorf("left open in sandbox %s: %v%s", sandbox.Name, report.Leaked, held)
		}
	})
	return sandbox
}

var notOfALabel = regexp.MustCompile("[^a-z0-9]+")

// NewSandbox makes a sandbox that lives until it is deleted, or for as long as ttl without a call. Its name begins as
// the one given and ends with a random part.
func (c *Client) NewSandbox(name string, ttl time.Duration) (*Sandbox, error) {
	random := make([]byte, 4)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	slug := strings.Trim(notOfALabel.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if most := 54 - len(c.Prefix); len(slug) > most {
		slug = slug[:most]
	}
	sandbox := &Sandbox{Name: c.Prefix + strings.TrimLeft(fmt.Sprintf("%s-%x", slug, random), "-"), client: c}
	made := struct{ UID string }{}
	err := sandbox.Do("PUT", "", nil, map[string]any{"ttl": duration(ttl)}, &made)
	sandbox.UID = made.UID
	return sandbox, err
}

// An Option says how far the answer to an action, or a wait, waits.
type Option func(url.Values)

// NoWait has the answer as soon as the action has begun. It is what a signal does anyway.
func NoWait(query url.Values) { query.Set("wait", "none") }

// Settled has the answer when the action is over, unless a breakpoint holds it. It is what a close does anyway.
func Settled(query url.Values) { query.Set("wait", "settled") }

// Timeout bounds the wait; see the package for how long it is otherwise.
func Timeout(timeout time.Duration) Option {
	return func(query url.Values) { query.Set("timeout", duration(timeout)) }
}

// timeoutOf is the only option that a wait has.
func timeoutOf(options []Option) (string, error) {
	query := chosen(options)
	timeout := query.Get("timeout")
	query.Del("timeout")
	if len(query) > 0 {
		return "", errors.New("a wait takes no option but Timeout: NoWait and Settled are for a signal or a close")
	}
	return timeout, nil
}

func chosen(options []Option) url.Values {
	query := url.Values{}
	for _, option := range options {
		option(query)
	}
	return query
}

// duration is d as ISO 8601 has it.
func duration(d time.Duration) string {
	return "PT" + strconv.FormatFloat(d.Seconds(), 'f', 9, 64) + "S"
}
