/*
 * The first events' texts are most of a run's memory: none may overlap
 * another, and what is given back must be found again.
 */
#include "unit.h"

#include "base/blocks.h"

#define MANY 3000u

struct text {
    char *block;
    uint32_t capacity;
    uint32_t bytes;
};

static uint32_t some_length(unsigned i)
{
    return i % 97 == 0 ? 9000 + i : (i * 1103u + 12345u) % 2500u;
}

static void fill_text(struct blocks *blocks, struct text *text, unsigned i,
                      uint32_t bytes)
{
    text->bytes = bytes;
    text->block = blocks_take(blocks, bytes, &text->capacity);
    assert_non_null(text->block);
    assert_true(text->capacity >= bytes);
    memset(text->block, (int)(i & 0xff), text->capacity);
}

static void assert_filled(const struct text *text, unsigned i)
{
    for (uint32_t at = 0; at < text->capacity; at++)
        if ((unsigned char)text->block[at] != (i & 0xff))
            fail_msg("text %u was written over at %u", i, at);
}

/* blocks_release() leaves the long ones to their owner. */
static void give_long_ones(struct blocks *blocks, const struct text *texts)
{
    for (unsigned i = 0; i < MANY; i++)
        if (texts[i].capacity > BLOCKS_MAX_BYTES)
            blocks_give(blocks, texts[i].block, texts[i].capacity);
}

static void blocks_do_not_overlap(void **state)
{
    static struct text texts[MANY];
    struct blocks blocks = {0};
    (void)state;

    for (unsigned i = 0; i < MANY; i++)
        fill_text(&blocks, &texts[i], i, some_length(i));
    for (unsigned i = 0; i < MANY; i += 3) { /* some grow */
        blocks_give(&blocks, texts[i].block, texts[i].capacity);
        fill_text(&blocks, &texts[i], i, texts[i].bytes + 200);
    }
    for (unsigned i = 0; i < MANY; i++)
        assert_filled(&texts[i], i);
    give_long_ones(&blocks, texts);
    blocks_release(&blocks);
}

static void what_is_given_back_serves_the_next(void **state)
{
    struct blocks blocks = {0};
    uint32_t capacity = 0;
    char *first, *second;
    (void)state;

    first = blocks_take(&blocks, 1000, &capacity);
    second = blocks_take(&blocks, 1000, &capacity);
    blocks_give(&blocks, first, capacity);
    blocks_give(&blocks, second, capacity);
    blocks_give(&blocks, NULL, capacity);
    assert_ptr_equal(blocks_take(&blocks, 990, &capacity), second);
    assert_ptr_equal(blocks_take(&blocks, 1010, &capacity), first);
    blocks_release(&blocks);
}

/* What was handed out stays where it is, whoever frees it. */
static void united_blocks_stay(void **state)
{
    static struct text texts[MANY];
    struct blocks blocks[3] = {{0}};
    (void)state;

    for (unsigned i = 0; i < MANY; i++)
        fill_text(&blocks[i % 2], &texts[i], i, some_length(i));
    assert_false(blocks_are_few(&blocks[1]));
    blocks_unite(&blocks[0], &blocks[1]);
    blocks_unite(&blocks[2], &blocks[0]);
    assert_true(blocks_are_few(&blocks[0]));
    for (unsigned i = 0; i < MANY; i += 2) {
        blocks_give(&blocks[2], texts[i].block, texts[i].capacity);
        fill_text(&blocks[2], &texts[i], i, texts[i].bytes);
    }
    for (unsigned i = 0; i < MANY; i++)
        assert_filled(&texts[i], i);
    give_long_ones(&blocks[2], texts);
    for (unsigned i = 0; i < 3; i++)
        blocks_release(&blocks[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_do_not_overlap),
        cmocka_unit_test(what_is_given_back_serves_the_next),
        cmocka_unit_test(united_blocks_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
