#include "tell.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

// glibc 2.32; declared only with _GNU_SOURCE.
extern const char *strerrorname_np(int error);
extern const char *strerrordesc_np(int error);

struct text {
  char *at;
  size_t left;
};

static void add_byte(struct text *text, char byte) {
  if (text->left <= 1) return;
  *text->at++ = byte;
  text->left--;
  *text->at = '\0';
}

static void add_hex(struct text *text, const char *prefix, unsigned code, int digits) {
  while (*prefix != '\0') add_byte(text, *prefix++);
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
    add_byte(text, "0123456789abcdef"[(code >> shift) & 15U]);
  }
}

// Of the three bytes of one character; 0: they are none.
static unsigned code_of(const unsigned char *bytes) {
  if ((bytes[0] & 0xf0) != 0xe0 || (bytes[1] & 0xc0) != 0x80 || (bytes[2] & 0xc0) != 0x80) return 0;
  return ((unsigned)(bytes[0] & 0x0f) << 12) | ((unsigned)(bytes[1] & 0x3f) << 6) |
         (bytes[2] & 0x3fU);
}

// Lines, paragraphs and directions of writing.
static bool misleads(unsigned code) {
  return (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

// Names in it may have been chosen to be told to a terminal.
static void add_safe(struct text *text, const char *from) {
  for (const unsigned char *at = (const unsigned char *)from; *at != '\0'; at++) {
    if (*at < 0x20 || *at == 0x7f) {
      add_hex(text, "\\x", *at, 2);
    } else if (*at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f) {
      add_hex(text, "\\u", *++at, 4);
    } else if (misleads(code_of(at))) {
      add_hex(text, "\\u", code_of(at), 4);
      at += 2;
    } else {
      add_byte(text, (char)*at);
    }
  }
}

static void add(struct text *text, const char *from) {
  while (*from != '\0') add_byte(text, *from++);
}

static void add_words(struct text *text, int error) {
  const char *words = strerrordesc_np(error);
  const char *name = strerrorname_np(error);
  if (words == NULL || name == NULL) {
    char number[32];
    snprintf(number, sizeof number, "error %d", error);
    add(text, number);
    return;
  }
  // As a part of a sentence.
  const bool is_acronym = words[0] != '\0' && words[1] >= 'A' && words[1] <= 'Z';
  const bool is_capital = words[0] >= 'A' && words[0] <= 'Z' && !is_acronym;
  add_byte(text, is_capital ? (char)(words[0] - 'A' + 'a') : words[0]);
  add(text, words + 1);
  add(text, " (");
  add(text, name);
  add(text, ")");
}

void tell(const char *what, int error, const char *why, const char *hint,
          char message[kMessageSize]) {
  struct text sentence = {.at = message, .left = kMessageSize};
  message[0] = '\0';
  add(&sentence, "cannot ");
  add_safe(&sentence, what);
  if (error != 0) {
    add(&sentence, ": ");
    add_words(&sentence, error);
  }
  if (why != NULL && *why != '\0') {
    add(&sentence, ": ");
    add_safe(&sentence, why);
  }
  char lines[kMessageSize * 2 + 16];
  struct text out = {.at = lines, .left = sizeof lines};
  add(&out, "nsx: ");
  add(&out, message);
  add(&out, "\n");
  if (hint != NULL && *hint != '\0') {
    add(&out, "  ");
    add_safe(&out, hint);
    add(&out, "\n");
  }
  // Where standard error is closed or full there is nobody to be told.
  if (write(STDERR_FILENO, lines, strlen(lines)) < 0) return;
}

void tell_refusal(const struct step *step, int error, char message[kMessageSize]) {
  const char *why = NULL;
  const char *hint = NULL;
  plan_advice(step, error, &why, &hint);
  tell(step->what, error, why, hint, message);
}
