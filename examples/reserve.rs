//! A plan and its reserve: the memory of a frame is known, and taken, before it starts.

use frame_arena::{AllocError, Arena, FramePlan, PlanRequest, PlaneAlloc};

const THREADS: usize = 2;

/// Plans the requests of [`decode`], in the same order.
fn plan(arena: &Arena, width: usize, height: usize) -> Result<FramePlan, AllocError> {
    let mut plan = FramePlan::new(arena);
    plan.frame(|frame| {
        frame.planes::<f32>(3, width, height)?;
        frame.stage("coefficients", |stage| {
            stage.plane::<i32>(width, height)?;
            stage.tasks(THREADS, |scratch| scratch.slice::<f32>(64 * 64))
        })
    })?;
    Ok(plan)
}

fn decode(arena: &Arena, width: usize, height: usize) -> Result<f32, AllocError> {
    let frame = arena.frame();
    let mut xyb = frame.planes::<f32>(3, width, height)?;
    let stage = frame.stage("coefficients");
    let coefficients = stage.plane_from_fn::<i32>(width, height, |x, y| (x + y) as i32)?;
    let scratch = stage.scratch();
    let block = scratch.slice::<f32>(64 * 64)?;
    block.fill(coefficients.row(height - 1)[width - 1] as f32);
    xyb.plane_mut(1).fill(block[0]);
    Ok(xyb.plane(1).row(0)[0])
}

fn main() -> Result<(), AllocError> {
    let arena = Arena::builder().limit_bytes(16 << 20).build();
    for (width, height) in [(640, 480), (1920, 1080)] {
        let plan = plan(&arena, width, height)?;
        println!("{width} x {height} takes {} bytes", plan.held_bytes());
        match arena.reserve(&plan) {
            Ok(reserved) => {
                let sample = decode(&reserved, width, height)?;
                assert_eq!(sample, (width + height - 2) as f32);
                assert_eq!(arena.snapshot().beyond_plan_bytes, 0);
                println!("and was decoded in that");
            }
            Err(error) => println!("and is not begun: {error}"),
        }
    }
    Ok(())
}
